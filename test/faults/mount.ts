import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';

/** A folder that is a mount of its own until the test ends. */
export interface MountedFolder {
  readonly dir: string;
  /** `ro` or `rw`. */
  remount(mode: 'ro' | 'rw'): void;
}

/** Mounts a tmpfs of a given size. @returns null, with a comment in the output, where that is not permitted */
export function mountFolder(t: Test, size: string): MountedFolder | null {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'failoverd-test-'));
  const mount = (options: string): boolean =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir]).status === 0;
  t.teardown(() => {
    spawnSync('umount', ['--lazy', dir]);
    rmSync(dir, { recursive: true });
  });
  if (!mount(`size=${size}`)) {
    t.comment('skipped: mounting is not permitted here');
    return null;
  }
  return {
    dir,
    remount(mode) {
      if (!mount(`remount,${mode},size=${size}`)) throw new Error(`cannot remount ${dir} ${mode}`);
    },
  };
}
