/**
 * Finds names of the zones in a message, in place: no string is made. Open addressing over the hash of the wire form, which
 * is read and compared four octets at a time; the suffixes of a name are only looked at when it is not there itself.
 */
import { createViewer } from './wire.ts';

/** Labels that a name of 255 octets can have. */
const MAX_LABELS = 127;

/** One name of the table with what belongs to it. */
export interface NameEntry<T> {
  /** The wire form, lower case. */
  readonly name: Uint8Array;
  readonly value: T;
}

export interface NameTable<T> {
  /**
   * Finds the deepest name of the table at or above the one in the message.
   * @param nameAt where that stands, whole and without compression, and where it ends.
   */
  find(message: Uint8Array, nameAt: number, nameEnd: number): T | null;
  /** Whether the last name that was found is the very one in the message. */
  isExact(): boolean;
}

/** Where each label of the name at hand begins. */
const labelAts = new Int32Array(MAX_LABELS + 1);
/** A name by the word of four octets: in lower case, little-endian, the last filled up with zeros. */
const words = new Int32Array(64);
let wordCount = 0;

export function createNameTable<T>(entries: readonly NameEntry<T>[]): NameTable<T> {
  const size = 2 ** Math.ceil(Math.log2(2 * entries.length + 2));
  const values: (T | undefined)[] = new Array(size).fill(undefined);
  // All names in one place, each after the number of its words: a walk from object to object would miss the cache each time.
  const starts = new Int32Array(size);
  const names = new Int32Array(1 + entries.reduce((sum, { name }) => sum + 1 + Math.ceil(name.length / 4), 0));
  const viewOf = createViewer();
  let maxLabels = 0;
  let exact = false;

  /** The slot of the name at hand, or the free one where it would stand. */
  const slotOf = (hash: number): number => {
    let slot = hash & (size - 1);
    while (starts[slot] !== 0 && !isAtHand(names, starts[slot] ?? 0)) slot = (slot + 1) & (size - 1);
    return slot;
  };
  let end = 1; // 0 is where no name starts
  for (const { name, value } of entries) {
    maxLabels = Math.max(maxLabels, splitLabels(name, 0, name.length));
    const slot = slotOf(readWords(viewOf(name), 0, name.length));
    values[slot] = value;
    starts[slot] = end;
    names[end] = wordCount;
    names.set(words.subarray(0, wordCount), end + 1);
    end += 1 + wordCount;
  }

  return {
    find(message, nameAt, nameEnd) {
      const view = viewOf(message);
      const whole = values[slotOf(readWords(view, nameAt, nameEnd))];
      exact = whole !== undefined;
      if (whole !== undefined) return whole;
      const labels = splitLabels(message, nameAt, nameEnd);
      for (let i = Math.max(labels - maxLabels, 1); i <= labels; i++) {
        const above = values[slotOf(readWords(view, labelAts[i] ?? 0, nameEnd))];
        if (above !== undefined) return above;
      }
      return null;
    },
    isExact: () => exact,
  };
}

/** Notes where the labels begin, the root's too. @returns how many there are without it. */
function splitLabels(message: Uint8Array, nameAt: number, nameEnd: number): number {
  let labels = 0;
  let at = nameAt;
  while (at < nameEnd - 1 && labels < MAX_LABELS) {
    labelAts[labels++] = at;
    at += 1 + (message[at] ?? 0);
  }
  labelAts[labels] = at;
  return labels;
}

/** Takes the name into {@link words}. @returns its hash. */
function readWords(view: DataView, nameAt: number, nameEnd: number): number {
  let hash = 0x811c9dc5;
  let count = 0;
  let at = nameAt;
  for (; at <= nameEnd - 4; at += 4) {
    const word = lower(view.getInt32(at, true));
    words[count++] = word;
    hash = mix(hash, word);
  }
  if (at < nameEnd) {
    let rest = 0;
    for (let last = nameEnd - 1; last >= at; last--) rest = (rest << 8) | view.getUint8(last);
    const word = lower(rest);
    words[count++] = word;
    hash = mix(hash, word);
  }
  wordCount = count;
  return hash;
}

/** The low bits choose the slot: the shift lets the others have their say. */
function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/** Four octets at once: where one is A to Z, its bit 0x20 is set. Lengths of labels are below the letters. */
function lower(word: number): number {
  const low = word & 0x7f7f7f7f;
  const isFromA = low + 0x3f3f3f3f; // carries into the high bit of its octet from A on, and never beyond
  const isAfterZ = low + 0x25252525;
  return word | ((((isFromA ^ isAfterZ) & ~word & 0x80808080) >>> 2) | 0);
}

/** Whether the name that starts there is the one at hand. */
function isAtHand(names: Int32Array, start: number): boolean {
  if (names[start] !== wordCount) return false;
  for (let i = 0; i < wordCount; i++) if (names[start + 1 + i] !== words[i]) return false;
  return true;
}
