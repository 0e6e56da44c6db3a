/** Say that a law is broken. */
export function law(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`law broken: ${what}`);
}

/** Whether octets are equal. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}
