/** What `make` gives; `undefined` where it throws one of these. Any other error passes. */
export function refused<T>(make: () => T, allowed: readonly (new (...args: never[]) => Error)[]): T | undefined {
  try {
    return make();
  } catch (error) {
    if (allowed.some((type) => error instanceof type)) return undefined;
    throw error;
  }
}
