import type { OwnerName } from './name.ts';

/** What a map by owner name holds. */
export interface Named {
  readonly owner: OwnerName;
}

const VALUES_PER_BUCKET = 8;

/**
 * An immutable map by owner name. A changed copy shares all but one small bucket with its original, so that a zone of
 * 10,000 records takes a publication in microseconds: when a whole site fails, 10,000 of them come at once.
 */
export class NameMap<T extends Named> {
  readonly size: number;
  readonly #buckets: readonly (readonly T[])[];
  /** No name is longer: what is asked for mostly is, where somebody asks for names of a hundred labels. */
  readonly #maxLength: number;

  private constructor(buckets: readonly (readonly T[])[], size: number, maxLength: number) {
    this.#buckets = buckets;
    this.size = size;
    this.#maxLength = maxLength;
  }

  /** Of two values with one owner name the last holds. */
  static of<T extends Named>(values: readonly T[]): NameMap<T> {
    const distinct = new Map(values.map((value) => [value.owner, value]));
    const buckets: T[][] = Array.from({ length: Math.ceil(distinct.size / VALUES_PER_BUCKET) + 1 }, () => []);
    for (const value of distinct.values()) buckets[hash(value.owner) % buckets.length]?.push(value);
    const maxLength = values.reduce((max, { owner }) => Math.max(max, owner.length), 0);
    return new NameMap(buckets, distinct.size, maxLength);
  }

  get(owner: OwnerName): T | undefined {
    if (owner.length > this.#maxLength) return undefined;
    return this.#buckets[hash(owner) % this.#buckets.length]?.find((value) => value.owner === owner);
  }

  has(owner: OwnerName): boolean {
    return this.get(owner) !== undefined;
  }

  /** The map with this value in place of the one with its owner name, or beside the others. */
  with(value: T): NameMap<T> {
    const index = hash(value.owner) % this.#buckets.length;
    const bucket = this.#buckets[index] ?? [];
    const others = bucket.filter(({ owner }) => owner !== value.owner);
    const isNew = others.length === bucket.length;
    const buckets = this.#buckets.with(index, [...others, value]);
    return new NameMap(buckets, this.size + (isNew ? 1 : 0), Math.max(this.#maxLength, value.owner.length));
  }

  values(): readonly T[] {
    return this.#buckets.flat();
  }
}

/** 32 bits (FNV-1a). */
function hash(owner: OwnerName): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < owner.length; i++) value = Math.imul(value ^ owner.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
