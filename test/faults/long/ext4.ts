/**
 * A file system of its own that its kernel can be made to find at fault: ext4 in a file behind a loop device, mounted with
 * `errors=remount-ro`. Nothing of the machine's own file systems is touched.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Ext4Folder {
  /** The kernel finds an error, and lets nothing be written any more, by whatever is open. */
  fail(): void;
  /** Another file system in its place, while what is open stays open. */
  mountOver(): void;
  clear(): void;
}

/** Mounts it there. @returns why not, in words, where that cannot be done */
export function mountExt4(folder: string): Ext4Folder | string {
  const place = mkdtempSync(path.join(os.tmpdir(), 'failoverd-ext4-'));
  const image = path.join(place, 'image');
  const clear = (): void => {
    while (spawnSync('umount', ['--lazy', folder]).status === 0);
    rmSync(place, { recursive: true });
  };
  const failed = (why: string): string => {
    clear();
    return why;
  };
  writeFileSync(image, '');
  truncateSync(image, 32 * 1024 * 1024);
  if (spawnSync('mkfs.ext4', ['-q', '-F', image]).status !== 0) return failed('mkfs.ext4 is missing');
  if (spawnSync('mount', ['-o', 'loop,errors=remount-ro', image, folder]).status !== 0)
    return failed('a loop device cannot be mounted here');
  const device = spawnSync('findmnt', ['-no', 'SOURCE', folder], { encoding: 'utf8' }).stdout.trim();
  const trigger = `/sys/fs/ext4/${path.basename(device)}/trigger_fs_error`;
  if (!/^\/dev\/loop\d+$/.test(device) || !existsSync(trigger)) return failed(`there is no ${trigger}`);
  return {
    fail() {
      spawnSync('sync', ['-f', folder]); // so that no page of it is left that could be written without asking
      writeFileSync(trigger, 'failoverd');
    },
    mountOver() {
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder]).status !== 0)
        throw new Error(`cannot mount over ${folder}`);
    },
    clear,
  };
}
