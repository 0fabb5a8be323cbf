/** Something that falls due at a monotonic time. The heap keeps its own place in it. */
export interface Due {
  dueAtMs: number;
  /** Breaks ties, so that what has waited longer goes first. */
  order: number;
  /** -1: in no heap. */
  heapIndex: number;
}

/** A binary heap, soonest first, from which any member can be taken out. Every operation is O(log n). */
export class DueHeap<T extends Due> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** The soonest, which stays. */
  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#place(item, this.#items.length);
    this.#up(item);
  }

  remove(item: T): void {
    const index = item.heapIndex;
    if (index < 0) return;
    const last = this.#items.pop();
    item.heapIndex = -1;
    if (last === undefined || last === item) return;
    this.#place(last, index);
    this.#up(last);
    this.#down(last);
  }

  /** How many are due by then. Looks only at those and their children. */
  countDue(nowMs: number): number {
    const count = (index: number): number => {
      const item = this.#items[index];
      if (item === undefined || item.dueAtMs > nowMs) return 0;
      return 1 + count(2 * index + 1) + count(2 * index + 2);
    };
    return count(0);
  }

  #place(item: T, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }

  #up(item: T): void {
    while (item.heapIndex > 0) {
      const index = item.heapIndex;
      const parentIndex = (index - 1) >> 1;
      const parent = this.#items[parentIndex];
      if (parent === undefined || !isBefore(item, parent)) return;
      this.#place(item, parentIndex);
      this.#place(parent, index);
    }
  }

  #down(item: T): void {
    for (;;) {
      const index = item.heapIndex;
      const child = this.#soonerChild(index);
      if (child === undefined || !isBefore(child, item)) return;
      this.#place(item, child.heapIndex);
      this.#place(child, index);
    }
  }

  #soonerChild(index: number): T | undefined {
    const left = this.#items[2 * index + 1];
    const right = this.#items[2 * index + 2];
    return left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.dueAtMs < b.dueAtMs || (a.dueAtMs === b.dueAtMs && a.order < b.order);
}
