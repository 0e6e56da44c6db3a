/**
 * Colour for text lines: what an option is, and what is wrong with it.
 *
 * @module
 */

const BOLD_CYAN = '\x1b[1;36m';
const BOLD_RED = '\x1b[1;31m';
const DIM = '\x1b[2m';
const PLAIN = '\x1b[0m';

/** A line of options with the name of each standing out. Colour never says what the words do not. */
export function colorLine(line: string): string {
  return line
    .replaceAll(/\bmptcp (\d+) ([a-z-]+)/g, `${DIM}mptcp $1${PLAIN} ${BOLD_CYAN}$2${PLAIN}`)
    .replaceAll(/\[bad opt\] [a-z-]+ at octet \d+|options (?:broken|cut)[^,]*/g, `${BOLD_RED}$&${PLAIN}`);
}
