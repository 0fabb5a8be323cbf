import type { Clock } from '../runtime/ports.ts';

/** The promise's value, or `fallback` when it takes longer. */
export function within<T, F>(clock: Clock, limitMs: number, promise: Promise<T>, fallback: F): Promise<T | F> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(limitMs, () => resolve(fallback));
    promise.then(resolve, reject).finally(cancel);
  });
}
