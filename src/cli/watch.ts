/** Notices that a file has changed, also on file systems that tell nobody: it looks every second. */
import { stat } from 'node:fs/promises';
import type { Clock } from '../runtime/ports.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * Calls back when the file is another one, or has other content, than before. One that is being written, or gone for a
 * moment, is waited for until two looks see the same. The returned function ends it.
 */
export function watchFile(file: string, clock: Clock, onChange: () => void): () => void {
  let known: string | null = null;
  let last: string | null = null;
  let cancel = (): void => {};
  let isOver = false;

  const look = async (): Promise<void> => {
    const now = await signOf(file);
    if (isOver) return;
    known ??= now;
    if (now !== null && now === last && now !== known) {
      known = now;
      onChange();
    }
    last = now;
    cancel = clock.setTimer(LOOK_EVERY_MS, look);
  };
  void look();
  return () => {
    isOver = true;
    cancel();
  };
}

/** @returns null when it cannot be seen */
async function signOf(file: string): Promise<string | null> {
  try {
    const { dev, ino, size, mtimeMs } = await stat(file);
    return [dev, ino, size, mtimeMs].join(' ');
  } catch {
    return null;
  }
}
