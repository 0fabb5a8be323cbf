/** A failoverd whose disk can be made slow or read-only while it runs: see ../preload/disk.c. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface DiskFault {
  /** For failoverd's environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Each sync takes so much longer. */
  slow(ms: number): void;
  readOnly(): void;
  end(): void;
  /** Removes what was made for it. */
  clear(): void;
}

export function diskFault(): DiskFault {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'failoverd-disk-'));
  const library = path.join(folder, 'disk.so');
  const control = path.join(folder, 'fault');
  const source = new URL('../preload/disk.c', import.meta.url).pathname;
  execFileSync(process.env.CC ?? 'cc', ['-O1', '-Wall', '-shared', '-fPIC', '-o', library, source, '-ldl']);
  return {
    env: { LD_PRELOAD: library, DISK_FAULT: control },
    slow: (ms) => writeFileSync(control, `s${ms}`),
    readOnly: () => writeFileSync(control, 'r'),
    end: () => rmSync(control, { force: true }),
    clear: () => rmSync(folder, { recursive: true, force: true }),
  };
}
