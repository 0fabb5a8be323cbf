/**
 * One object for all that are equal: ten thousand records mostly say the same, and structured cloning, by which a config leaves
 * its thread, keeps what is shared.
 */
export class Shared {
  readonly #known = new Map<string, object>();

  /** @param value plain data; equal values have their keys in the same order. */
  of<T extends object>(value: T): T {
    const text = JSON.stringify(value);
    const known = this.#known.get(text) as T | undefined;
    if (known !== undefined) return known;
    this.#known.set(text, value);
    return value;
  }
}
