import { write } from 'node:fs';
import type { LogDestination } from '../runtime/log.ts';

const MAX_WAITING_LINES = 10_000;
const RETRY_MS = 50;
const CLOSE_WAIT_MS = 1000;

export interface ProcessLogDestination extends LogDestination {
  /** Called with how many lines were lost, when lines can be written again. */
  onLoss(listener: (lines: number) => void): void;
  /** Settles when everything is written, or after 1 s. */
  close(): Promise<void>;
}

/**
 * Writes lines to a file descriptor, one that `process.stdout` has opened, without ever waiting for its reader. A terminal
 * halted with Ctrl-S, a full disk or a log collector that hangs must not halt failover: pino's own destinations keep
 * every line in memory, and wait for the reader when the process ends.
 */
export function openLogDestination(fd: number): ProcessLogDestination {
  let waiting: string[] = [];
  let isWriting = false;
  let isClosed = false;
  let lost = 0;
  let onLoss = (_lines: number): void => {};
  let onIdle = (): void => {};

  function next(): void {
    isWriting = waiting.length > 0;
    if (!isWriting) {
      onIdle();
      return;
    }
    const lines = waiting;
    waiting = [];
    send(Buffer.from(lines.join('')), lines.length);
  }

  function send(bytes: Buffer, lines: number): void {
    write(fd, bytes, (error, written) => {
      if (isClosed) return;
      if (error?.code === 'EAGAIN') setTimeout(() => send(bytes, lines), RETRY_MS);
      else if (error) {
        lost += lines;
        next();
      } else if (written < bytes.length) send(bytes.subarray(written), lines);
      else {
        next();
        reportLoss(); // when what waited is on its way, so that there is room for the report
      }
    });
  }

  function reportLoss(): void {
    if (lost === 0) return;
    const lines = lost;
    lost = 0;
    onLoss(lines);
  }

  return {
    write(line) {
      if (waiting.length >= MAX_WAITING_LINES) lost += 1;
      else waiting.push(line);
      if (!isWriting) next();
    },
    onLoss(listener) {
      onLoss = listener;
    },
    close() {
      if (!isWriting) return Promise.resolve();
      return new Promise<void>((resolve) => {
        onIdle = resolve;
        setTimeout(resolve, CLOSE_WAIT_MS).unref();
      }).then(() => {
        isClosed = true;
      });
    },
  };
}
