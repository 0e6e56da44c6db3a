/**
 * The input of a command: a capture, or hex; from a file, standard input or the command line itself.
 *
 * @module
 */
import { existsSync, readSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { isCapture } from '../capture/capture.ts';
import { isGzip } from '../capture/inflate.ts';
import { resemblance } from '../capture/resemble.ts';
import { type Dump, parseDump } from '../text/dump.ts';
import { CommandError, Status, statusOfSystemError, usage } from './exit.ts';
import type { Io } from './io.ts';

/** A capture, or what has to be one. */
export interface CaptureInput {
  readonly kind: 'capture';
  /** For messages. */
  readonly name: string;
  /** Octets of the file, where it is one. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Leave it unread. */
  readonly close: () => Promise<unknown>;
}

/** Hex. */
export interface HexInput {
  readonly kind: 'hex';
  readonly name: string;
  readonly dump: Dump;
}

/** Octets of a text that is read as a whole, at most. */
const LONGEST_TEXT = 64 * 1024 * 1024;

/** Octets that tell text from a capture: a pcapng file begins with line ends, and a length with zeros. */
const ENOUGH_TO_TELL = 8;

/** Octets read from a file at once. */
const CHUNK = 256 * 1024;

/** Blocks of a file between two looks at signals. */
const BLOCKS_A_TURN = 8;

/**
 * Open what the command line names: `-r FILE`, FILE, `-` for standard input, or hex. A file wins
 * over hex of that name unless `--hex` is given.
 *
 * @throws CommandError where there is none, or where it is text and no hex
 */
export async function openInput(
  positionals: readonly string[],
  { read, hex = false }: { readonly read?: string | undefined; readonly hex?: boolean | undefined },
  io: Io,
): Promise<CaptureInput | HexInput> {
  const [first] = positionals;
  if (read !== undefined) {
    if (first !== undefined) throw usage(`-r ${read} and ${first}: one input at a time`);
    return openFile(read, hex, io);
  }
  if (first === '') throw usage('an empty argument: name a file, or give hex');
  if (first === undefined) {
    if (io.stdin.isTTY) throw usage('no input: name a file, give hex, or pipe something in');
    return openFile('-', hex, io);
  }
  if (first === '-' && positionals.length === 1) return openFile('-', hex, io);
  if (hex || (!existsSync(first) && positionals.every(looksLikeHex))) return hexOf(positionals);
  if (positionals.length > 1) throw usage(`${positionals.join(' ')}: one input at a time`);
  if (!existsSync(first)) throw new CommandError(Status.NO_INPUT, `no such file: ${first}`);
  return openFile(first, false, io);
}

/** All text of `chunks`. */
export async function readText(chunks: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let octets = 0;
  for await (const chunk of chunks) {
    octets += chunk.length;
    if (octets > LONGEST_TEXT) throw new CommandError(Status.DATA, `${name}: text of more than ${LONGEST_TEXT} octets`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The chunks of a file, or of standard input for `-`. Each stays as it is until the next is asked for. */
export function chunksOf(path: string, io: Io): AsyncIterable<Uint8Array> {
  return path === '-' ? io.stdin : fileChunks(path, io.signal);
}

async function* fileChunks(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = await open(path).catch((error: unknown) => failed(path, error));
  try {
    const read = (await file.stat()).isFile() ? blockReader(file.fd) : pipeReader(file);
    while (!signal.aborted) {
      const chunk = await read().catch((error: unknown) => failed(path, error));
      if (chunk.length === 0) return;
      yield chunk;
    }
  } finally {
    await file.close();
  }
}

/** What is there of a pipe: waiting for it, the process stays open to signals. */
function pipeReader(file: FileHandle): () => Promise<Uint8Array> {
  return async () => {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(CHUNK));
    return buffer.subarray(0, bytesRead);
  };
}

/**
 * Blocks of a regular file, all read into one buffer: a stream costs three times as much, fresh
 * memory for each block twice. Gzip is inflated beside the reading, so its blocks have memory of their own.
 */
function blockReader(descriptor: number): () => Promise<Uint8Array> {
  let block = new Uint8Array(CHUNK);
  let blocks = 0;
  let zipped = false;
  return async () => {
    if (zipped) block = new Uint8Array(CHUNK);
    const length = readSync(descriptor, block);
    if (blocks === 0) zipped = isGzip(block);
    // Signals are heard between turns of the event loop only.
    if (++blocks % BLOCKS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    return length === CHUNK ? block : block.subarray(0, length);
  };
}

/** The error of a system call, as one that names the file. */
function failed(path: string, error: unknown): never {
  const status = statusOfSystemError(error);
  if (status === undefined) throw error;
  const message = status === Status.NO_INPUT ? `no such file: ${path}` : `${path}: ${(error as Error).message}`;
  throw new CommandError(status, message);
}

async function openFile(path: string, hex: boolean, io: Io): Promise<CaptureInput | HexInput> {
  const name = path === '-' ? 'standard input' : path;
  const chunks = chunksOf(path, io)[Symbol.asyncIterator]();
  const head = await readHead(chunks);
  const close = async (): Promise<unknown> => chunks.return?.();
  if (!hex && !isText(head)) {
    return { kind: 'capture', name, size: await sizeOf(path), chunks: behind(head, chunks), close };
  }
  const text = await readText(behind(head, chunks), name);
  try {
    const dump = parseDump(text);
    const [file] = dump.packets;
    if (file === undefined || dump.packets.length > 1 || !isCapture(file)) return { kind: 'hex', name, dump };
    // A dump of a whole capture.
    return { kind: 'capture', name, size: file.length, chunks: behind(file, chunks), close };
  } catch (error) {
    const like = resemblance(new TextEncoder().encode(text.slice(0, 1000)));
    const reason = hex || like.includes('hex') ? (error as RangeError).message : `not a capture: looks like ${like}`;
    throw new CommandError(Status.DATA, `${name}: ${reason}`);
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  if (path === '-') return undefined;
  const found = await stat(path);
  return found.isFile() ? found.size : undefined;
}

/** The first octets: all of the first chunks that it takes to have enough. */
async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < ENOUGH_TO_TELL) {
    const next = await chunks.next();
    if (next.done) break;
    const joined = new Uint8Array(head.length + next.value.length);
    joined.set(head);
    joined.set(next.value, head.length);
    head = joined;
  }
  return head;
}

async function* behind(head: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}

/** Whether octets begin as printable ASCII and white space; an empty file is no text. */
function isText(octets: Uint8Array): boolean {
  const head = octets.subarray(0, 32);
  return head.length > 0 && head.every((octet) => (octet >= 0x20 && octet < 0x7f) || (octet >= 0x09 && octet <= 0x0d));
}

function looksLikeHex(text: string): boolean {
  return /^(0x)?[0-9a-f]{2}[0-9a-fx\s,:;-]*$/i.test(text);
}

function hexOf(words: readonly string[]): HexInput {
  try {
    return { kind: 'hex', name: 'argument', dump: parseDump(words.join(' ')) };
  } catch (error) {
    throw usage((error as RangeError).message);
  }
}
