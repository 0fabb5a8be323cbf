/** What one probe found. Produced by `probe/`, counted by `health.step`, kept as evidence by `history/`. */

/** The part of an attempt in which something happened; also the keys of its timings. */
export type ProbePhase = 'connect' | 'tls' | 'headers' | 'body';

/** Why a probe failed. The fault is the endpoint's, or the path's to it. */
export type FailReason = 'refused' | 'reset' | 'unreachable' | 'timeout' | 'tls' | 'status' | 'body' | 'protocol';

/** Why a probe says nothing about the endpoint: the fault is the prober's own. */
export type InconclusiveReason = 'EMFILE' | 'ENFILE' | 'ENOBUFS' | 'ENOMEM' | 'EADDRNOTAVAIL' | 'late';

export type Outcome =
  | { readonly outcome: 'pass' }
  | {
      readonly outcome: 'fail';
      readonly reason: FailReason;
      readonly phase: ProbePhase;
      /** One short line for people: `503`, `CERT_HAS_EXPIRED`, `no answer within 2 s`. Never a secret, never a stack. */
      readonly detail: string;
    }
  | { readonly outcome: 'inconclusive'; readonly reason: InconclusiveReason; readonly detail: string };

/** One for all: the last outcomes of every endpoint are kept, and most of them are this one. */
export const PASS: Outcome = { outcome: 'pass' };

/** One attempt with all that an operator may want to know of it later. Plain data: it crosses threads and becomes JSON. */
export interface ProbeReport {
  readonly endpointId: string;
  /** What called for this attempt. */
  readonly trigger: 'interval' | 'confirm' | 'sentinel' | 'manual';
  readonly outcome: Outcome;
  /** Wall time at which the attempt began; for people only, never compared. */
  readonly startedAtEpochMs: number;
  /** Monotonic time at which the attempt began. */
  readonly startedAtMs: number;
  /** From the start of the attempt to its verdict. */
  readonly elapsedMs: number;
  /** How long each finished phase took. */
  readonly phasesMs: Readonly<Partial<Record<ProbePhase, number>>>;
  /** The HTTP status, when one was read. */
  readonly status?: number;
  /** The start of the body of a failed attempt (512 bytes at most, decoded as UTF-8) and the SHA-256 of what was read of it. */
  readonly bodySample?: string;
  readonly bodySha256?: string;
  /** When the server's certificate ends; only over TLS. */
  readonly certificateExpiresAtEpochMs?: number;
}
