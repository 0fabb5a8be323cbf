import type { FailReason, InconclusiveReason, Outcome, ProbePhase } from '../core/outcome.ts';

/** The prober has run out of something; the endpoint is not to blame. */
const PROBER_FAULTS: Readonly<Record<string, InconclusiveReason>> = {
  EMFILE: 'EMFILE',
  ENFILE: 'ENFILE',
  ENOBUFS: 'ENOBUFS',
  ENOMEM: 'ENOMEM',
  EADDRNOTAVAIL: 'EADDRNOTAVAIL',
  // What bind(2) says with a source address where connect(2) says EADDRNOTAVAIL: no local port is left.
  EADDRINUSE: 'EADDRNOTAVAIL',
};

const ENDPOINT_FAULTS: Readonly<Record<string, FailReason>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  HPE_INVALID_EOF_STATE: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EAFNOSUPPORT: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ETIMEDOUT: 'timeout',
  EPROTO: 'tls',
};

const TLS_CODE = /^ERR_(SSL|TLS|OSSL)_/;

/** The stable code of an error, or its name where it has none. */
function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function reasonOf(code: string, phase: ProbePhase): FailReason {
  const known = ENDPOINT_FAULTS[code];
  if (known !== undefined) return known;
  // Node names a certificate's fault without a prefix (`CERT_HAS_EXPIRED`), but only during the handshake.
  if (phase === 'tls' || TLS_CODE.test(code)) return 'tls';
  // undici says this for every end of a response that announced its length; only in the body it is an early close.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && phase === 'body') return 'reset';
  return 'protocol';
}

/** What an error of the socket, of TLS or of the HTTP client means for the endpoint. By code, never by message. */
export function outcomeOfError(error: Error, phase: ProbePhase): Outcome {
  const code = codeOf(error);
  const own = PROBER_FAULTS[code];
  if (own !== undefined) return { outcome: 'inconclusive', reason: own, detail: code };
  const closed = code === 'UND_ERR_SOCKET' || code === 'HPE_INVALID_EOF_STATE' || code.endsWith('LENGTH_MISMATCH');
  const reason = reasonOf(code, phase);
  const detail = reason === 'reset' && closed ? 'closed before the whole answer' : code;
  return { outcome: 'fail', reason, phase, detail };
}
