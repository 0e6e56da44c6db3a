/**
 * Link types that a capture has and nobody here understands.
 *
 * @module
 */
import { LinkType } from '../ip/link.ts';

const UNDERSTOOD: ReadonlySet<number> = new Set(Object.values(LinkType));

/** Remembers them, so that their packets are not passed over in silence. */
export class UnknownLinks {
  readonly #met: Set<number> = new Set();
  #last = -1;

  /** A packet of this link type was met. */
  meet(linkType: number): void {
    if (linkType === this.#last) return;
    this.#last = linkType;
    if (!UNDERSTOOD.has(linkType)) this.#met.add(linkType);
  }

  /** What to say of the capture `name`: a line, or nothing. */
  report(name: string): string {
    if (this.#met.size === 0) return '';
    const types = [...this.#met].join(', ');
    return `${name}: packets of link type ${types} are passed over: it is not understood\n`;
  }
}
