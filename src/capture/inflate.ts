/**
 * Gzip, by the web platform's own `DecompressionStream`.
 *
 * @module
 */
import { u8 } from '../bytes.ts';

/** Whether the octets begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && u8(bytes, 0) === 0x1f && u8(bytes, 1) === 0x8b;
}

/**
 * The chunks of `source`, inflated where they begin as gzip does, else as they are.
 *
 * @param damaged - hears why inflation stopped early; what came out before has been given
 * @throws what `source` throws
 */
export async function* inflate(
  source: AsyncIterable<Uint8Array>,
  damaged: (message: string) => void,
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  let zipped = false;
  try {
    let first: Uint8Array = new Uint8Array(0);
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      const joined = new Uint8Array(first.length + next.value.length);
      joined.set(first);
      joined.set(next.value, first.length);
      first = joined;
      if (first.length >= 2) break;
    }
    zipped = isGzip(first);
    if (zipped) {
      yield* gunzip(first, chunks, damaged);
    } else {
      yield first;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    }
  } finally {
    const closed = Promise.resolve(chunks.return?.());
    // Of a gzipped source a read may be under way, which only its next chunk ends.
    if (zipped) closed.catch(() => {});
    else await closed;
  }
}

async function* gunzip(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  damaged: (message: string) => void,
): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  const reader = readable.getReader();
  let failure: { readonly error: unknown } | undefined;
  let drained = (): void => {};
  let waiting = false;

  /** Until the reader waits for more: an error that the stream meets then finds nothing queued to throw away. */
  const drain = async (): Promise<void> => {
    do {
      if (!waiting) await new Promise<void>((resolve) => (drained = resolve));
      await new Promise((resolve) => setTimeout(resolve));
    } while (!waiting);
  };
  const feed = async (): Promise<void> => {
    try {
      await writer.write(first as Uint8Array<ArrayBuffer>);
      for (;;) {
        const next = await rest.next().catch((error: unknown) => {
          failure = { error };
          throw error;
        });
        if (next.done) break;
        await writer.write(next.value as Uint8Array<ArrayBuffer>);
      }
      await drain();
      await writer.close();
    } catch (error) {
      // The stream's own errors are the reader's to meet; a failed source has to end it.
      await writer.abort(error).catch(() => {});
    }
  };
  const feeding = feed();
  try {
    for (;;) {
      waiting = true;
      drained();
      const read = await reader.read();
      waiting = false;
      if (read.done) break;
      yield read.value;
    }
  } catch {
    if (failure !== undefined) throw failure.error;
    damaged('the gzip data is damaged or cut');
  } finally {
    await reader.cancel().catch(() => {});
    await writer.abort().catch(() => {});
  }
  await feeding;
}
