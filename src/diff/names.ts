/**
 * The two ends of a flow by name.
 *
 * @module
 */
import type { DiffChange, DiffFlow } from './diff.ts';

/** The two ends, each by the name it has in its own host's capture. */
export interface Names {
  readonly sender: string;
  readonly receiver: string;
}

/** The two ends of a flow. */
export function namesOf({ initiator, client, server }: DiffFlow, direction: DiffChange['direction']): Names {
  const near = initiator === 'client' ? (client ?? server) : (server ?? client);
  const far = initiator === 'client' ? (server ?? client) : (client ?? server);
  const opener = near?.from ?? '';
  const answerer = far?.to ?? '';
  const fromOpener = (direction === 'fromClient') === (initiator === 'client');
  return fromOpener ? { sender: opener, receiver: answerer } : { sender: answerer, receiver: opener };
}
