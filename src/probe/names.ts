import { ADDRCONFIG, type LookupAddress, lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { Clock } from '../runtime/ports.ts';

/** How old an address may be before it is asked for again. */
const REFRESH_MS = 300_000;

export type OnAddress = (error: Error | null, address: LookupAddress | null) => void;
export type Resolve = (name: string, callback: (error: Error | null, address: string, family: number) => void) => void;

/** One of the system's resolver; IPv4 first, because that is what a prober most likely has. */
const systemResolve: Resolve = (name, callback) => lookup(name, { hints: ADDRCONFIG, order: 'ipv4first' }, callback);

interface Known {
  address: LookupAddress | null;
  askedAtMs: number;
  /** Who waits for the answer that is under way; null: none is. */
  waiting: OnAddress[] | null;
}

/**
 * The addresses of the witnesses that are given by name. A name that was resolved once keeps its address while the resolver
 * is away, and no name is asked for twice at once: a resolver that hangs must not pile up questions.
 */
export class Names {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #resolve: Resolve;
  readonly #known = new Map<string, Known>();

  constructor(clock: Pick<Clock, 'nowMs'>, resolve: Resolve = systemResolve) {
    this.#clock = clock;
    this.#resolve = resolve;
  }

  /** Calls back with an address; at once when one is known. */
  address(name: string, onAddress: OnAddress): void {
    const family = isIP(name);
    if (family !== 0) {
      onAddress(null, { address: name, family });
      return;
    }
    const known = this.#known.get(name) ?? { address: null, askedAtMs: Number.NEGATIVE_INFINITY, waiting: null };
    this.#known.set(name, known);
    const stale = this.#clock.nowMs() - known.askedAtMs >= REFRESH_MS;
    if (known.address !== null) {
      onAddress(null, known.address);
      if (stale && known.waiting === null) this.#ask(name, known, []);
    } else if (known.waiting !== null) {
      known.waiting.push(onAddress);
    } else {
      this.#ask(name, known, [onAddress]);
    }
  }

  #ask(name: string, known: Known, waiting: OnAddress[]): void {
    known.waiting = waiting;
    known.askedAtMs = this.#clock.nowMs();
    this.#resolve(name, (error, address, family) => {
      known.waiting = null;
      if (error === null) known.address = { address, family };
      for (const onAddress of waiting) onAddress(error, known.address);
    });
  }
}
