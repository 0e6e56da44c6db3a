/**
 * Verdicts: what a check of an option showed.
 *
 * @module
 */

/** Why a check could not be made. */
export type Why = 'keys-not-seen' | 'payload-cut' | 'payload-not-seen' | 'idsn-not-seen';

/** The known mistake that explains a value that does not verify. */
export type VerdictQuirk = 'byte-swapped' | 'leftmost-64' | 'port-zero';

/** What a check of an option showed. */
export type Verdict =
  | { readonly is: 'good' }
  | { readonly is: 'bad'; readonly quirk?: VerdictQuirk | undefined }
  | { readonly is: 'unverified'; readonly why: Why };

/** What is checked. */
export type Check = 'joinHmac' | 'addAddrHmac' | 'dssChecksum' | 'keyEcho' | 'fastcloseKey';

/** How often a check gave which verdict. */
export interface Counts {
  good: number;
  bad: number;
  unverified: number;
  /** Of the unverified, those whose data was never sent in full: no capture has it. */
  unsent?: number | undefined;
}

/** How often each check gave which verdict. */
export type Tally = Readonly<Record<Check, Readonly<Counts>>>;

/** The verdict of a check that held or did not. */
export function judged(holds: boolean, quirk?: VerdictQuirk): Verdict {
  if (holds) return GOOD;
  return quirk === undefined ? { is: 'bad' } : { is: 'bad', quirk };
}

/** One for all: captures hold millions. */
const GOOD: Verdict = { is: 'good' };

/** The verdict of a check that could not be made. */
export function unverified(why: Why): Verdict {
  return { is: 'unverified', why };
}
