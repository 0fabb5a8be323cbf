import type { Clock } from '../runtime/ports.ts';

/** Settles when the work does, or after so long without it. */
export async function inTime<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | 'late'> {
  let cancel = (): void => {};
  const late = new Promise<'late'>((resolve) => {
    cancel = clock.setTimer(ms, () => resolve('late'));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
