/**
 * Segments in a few words.
 *
 * @module
 */
import type { Malformed } from '../malformed.ts';
import type { MptcpOption } from '../mptcp/option.ts';
import type { PlacedSegment } from './place.ts';

/** What a segment is to TCP: SYN, ACK, data, FIN, RST. */
export function kindOf({ flags, payloadLength }: Pick<PlacedSegment, 'flags' | 'payloadLength'>): string {
  if ((flags & 4) !== 0) return 'RST';
  if ((flags & 2) !== 0) return (flags & 16) !== 0 ? 'SYN/ACK' : 'SYN';
  const data = payloadLength > 0 ? `${payloadLength} octets` : '';
  if ((flags & 1) !== 0) return data === '' ? 'FIN' : `FIN, ${data}`;
  return data === '' ? 'ACK' : data;
}

/** Options that a timeline marks; the rest are the everyday ones. */
export function isRemarkable(option: MptcpOption | Malformed): boolean {
  return option.type !== 'DSS' || option.dataFin || option.mapping?.dataLevelLength === 0;
}

/** What a remarkable option is called in a drawing. */
export function shortName(option: MptcpOption | Malformed): string {
  switch (option.type) {
    case 'MP_CAPABLE':
      return 'CAPABLE';
    case 'MP_JOIN':
      return 'JOIN';
    case 'DSS':
      return option.dataFin ? 'DATA_FIN' : 'INFINITE';
    case 'ADD_ADDR':
      return option.echo ? 'ECHO' : 'ADD_ADDR';
    case 'MP_PRIO':
      return option.backup ? 'BACKUP' : 'REGULAR';
    case 'MP_FASTCLOSE':
      return 'FASTCLOSE';
    case 'MP_TCPRST':
      return `RST ${option.reason}`;
    case 'MP_FAIL':
      return 'FAIL';
    default:
      return option.type;
  }
}

/** The places of a segment in the streams, relative: `1–24, acks 45`. */
export function numbersOf({ data, dataAck, dataFin }: PlacedSegment): string {
  const parts: string[] = [];
  if (data !== undefined) parts.push(`data ${data.start}–${data.end - 1}`);
  if (dataFin) parts.push('DATA_FIN');
  if (dataAck !== undefined) parts.push(`data ack ${dataAck}`);
  return parts.join(', ');
}

/** Seconds, to the digit that means something, or that shows a difference of `step`. */
export function formatSeconds(seconds: number, step: number = Infinity): string {
  if (seconds === 0) return '0';
  const [unit, factor, digits] =
    seconds < 0.001
      ? (['µs', 1e6, 0] as const)
      : seconds < 1
        ? (['ms', 1e3, seconds < 0.1 ? 2 : 1] as const)
        : (['s', 1, 3] as const);
  const needed = Math.ceil(-Math.log10(Math.max(step, 1e-9) * factor));
  return `${(seconds * factor).toFixed(Math.max(digits, needed))} ${unit}`;
}
