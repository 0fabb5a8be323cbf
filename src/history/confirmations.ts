import type { Clock } from '../runtime/ports.ts';

/** Failover waits so long for the disk, and no longer. */
const COMMIT_WAIT_MS = 100;

/** Those who wait for their commit. */
export interface Confirmations {
  wait(seq: number): Promise<'committed' | 'queued'>;
  /** The database holds all commits up to this one. */
  confirmed(seq: number): void;
}

/** @param keep puts what waits where a kill does not reach it, before anybody acts on it; settles however that ends. */
export function createConfirmations(clock: Clock, keep: () => Promise<unknown>): Confirmations {
  const waiting = new Map<number, () => void>();

  return {
    wait: (seq) =>
      new Promise((resolve) => {
        const cancel = clock.setTimer(COMMIT_WAIT_MS, async () => {
          await keep();
          waiting.delete(seq);
          resolve('queued');
        });
        waiting.set(seq, () => {
          cancel();
          resolve('committed');
        });
      }),
    confirmed(upTo) {
      for (const [seq, settle] of waiting) {
        if (seq > upTo) return; // in the order of the commits
        waiting.delete(seq);
        settle();
      }
    },
  };
}
