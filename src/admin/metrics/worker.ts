/** The thread that writes the metrics out: tens of thousands of lines are more work than a probe should wait for. */
import { parentPort } from 'node:worker_threads';
import { render } from './render.ts';
import type { Sample } from './samples.ts';
import type { Piece } from './writer.ts';

if (parentPort === null) throw new Error('src/admin/metrics/worker.ts runs as a worker thread only');
const port = parentPort;
let samples: Sample[] = [];

port.on('message', async (piece: Piece) => {
  samples.push(...piece.samples);
  if (!piece.isLast) return;
  const all = samples;
  samples = [];
  const text = new TextEncoder().encode(await render(all));
  port.postMessage(text, [text.buffer]); // megabytes: handed over, not copied
});
