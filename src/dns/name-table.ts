/**
 * Finds names of the zones in a message, in place: no string is made, and no octet is copied. Open addressing over the hash
 * of the wire form, which is made label by label from the root down, so that one pass has the hashes of all suffixes.
 */

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

/** Where each label of the name at hand begins, and the hash of the suffix that begins there. */
const labelAts = new Int32Array(MAX_LABELS + 1);
const hashes = new Int32Array(MAX_LABELS + 1);

export function createNameTable<T>(entries: readonly NameEntry<T>[]): NameTable<T> {
  const size = 2 ** Math.ceil(Math.log2(2 * entries.length + 2));
  const slots: (NameEntry<T> | null)[] = new Array(size).fill(null);
  let maxLabels = 0;
  let exact = false;
  for (const entry of entries) {
    const labels = splitLabels(entry.name, 0, entry.name.length);
    maxLabels = Math.max(maxLabels, labels);
    hashSuffixes(entry.name, labels, 0);
    let slot = (hashes[0] ?? 0) & (size - 1);
    while (slots[slot]) slot = (slot + 1) & (size - 1);
    slots[slot] = entry;
  }

  const get = (hash: number, message: Uint8Array, at: number, end: number): NameEntry<T> | null => {
    let slot = hash & (size - 1);
    for (let entry = slots[slot]; entry; entry = slots[slot]) {
      if (isSameName(entry.name, message, at, end)) return entry;
      slot = (slot + 1) & (size - 1);
    }
    return null;
  };

  return {
    find(message, nameAt, nameEnd) {
      const labels = splitLabels(message, nameAt, nameEnd);
      const first = Math.max(labels - maxLabels, 0);
      hashSuffixes(message, labels, first);
      for (let i = first; i <= labels; i++) {
        const entry = get(hashes[i] ?? 0, message, labelAts[i] ?? 0, nameEnd);
        if (entry === null) continue;
        exact = i === 0;
        return entry.value;
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

/** Hashes the suffixes from the root's up to that of label `first`. */
function hashSuffixes(message: Uint8Array, labels: number, first: number): void {
  let hash = 0x811c9dc5;
  hashes[labels] = hash;
  for (let i = labels - 1; i >= first; i--) {
    const end = labelAts[i + 1] ?? 0;
    for (let at = labelAts[i] ?? 0; at < end; at++) hash = Math.imul(hash ^ lower(message[at] ?? 0), 0x01000193);
    // The low bits choose the slot: the others have to have their say.
    hash ^= hash >>> 15;
    hashes[i] = hash;
  }
}

/** Lengths of labels are below the letters. */
function lower(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

function isSameName(name: Uint8Array, message: Uint8Array, at: number, end: number): boolean {
  if (name.length !== end - at) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== lower(message[at + i] ?? 0)) return false;
  return true;
}
