/**
 * Exit statuses, and the errors that lead to them.
 *
 * @module
 */

/** What a command's exit says. */
export const Status = {
  /** Done. */
  OK: 0,
  /** A finding of severity error, or a failed check. */
  FOUND: 1,
  /** The command line is wrong. */
  USAGE: 2,
  /** The input is damaged, or not what it should be. */
  DATA: 65,
  /** No such file. */
  NO_INPUT: 66,
  /** Reading or writing failed. */
  IO: 74,
} as const;

/** An error whose message is all that a user needs. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The command line is wrong. */
export function usage(message: string): CommandError {
  return new CommandError(Status.USAGE, message);
}

/** Status of an error that a system call gave; `undefined` for any other error. */
export function statusOfSystemError(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? Status.NO_INPUT : Status.IO;
}
