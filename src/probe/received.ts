import { createHash } from 'node:crypto';
import type { ProbeReport } from '../core/outcome.ts';

const SAMPLE_BYTES = 512;

/** What an endpoint sent for us to judge, up to a cap: the response's body, or a greeting. */
export class Received {
  readonly #chunks: Buffer[] = [];
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the cap is reached: nothing more will be kept. */
  get full(): boolean {
    return this.#bytes >= this.#maxBytes;
  }

  get empty(): boolean {
    return this.#bytes === 0;
  }

  add(chunk: Buffer): void {
    const room = this.#maxBytes - this.#bytes;
    if (room <= 0) return;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#chunks.push(kept);
    this.#bytes += kept.length;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** The start of it, and a fingerprint of all that was read; nothing when nothing was read. */
  sample(): Pick<ProbeReport, 'bodySample' | 'bodySha256'> {
    if (this.empty) return {};
    const bytes = this.bytes();
    return {
      bodySample: bytes.toString('utf8', 0, SAMPLE_BYTES),
      bodySha256: createHash('sha256').update(bytes).digest('hex'),
    };
  }
}
