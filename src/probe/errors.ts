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
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EAFNOSUPPORT: 'unreachable',
  EAI_AGAIN: 'unreachable',
  ENOTFOUND: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ETIMEDOUT: 'timeout',
  EPROTO: 'tls',
};

const TLS_CODE = /^ERR_(SSL|TLS|OSSL)_/;

/**
 * What an error of the socket, of TLS or of the HTTP client means for the endpoint.
 *
 * @param peerClosed whether the peer had ended the connection in good order before.
 */
export function outcomeOfError(error: Error, phase: ProbePhase, peerClosed: boolean): Outcome {
  const code = codeOf(error);
  const own = PROBER_FAULTS[code];
  if (own !== undefined) return { outcome: 'inconclusive', reason: own, detail: code };
  const reason = reasonOf(code, phase);
  if (peerClosed && reason === 'protocol') return closedEarly(phase);
  return { outcome: 'fail', reason, phase, detail: detailOf(error, code) };
}

export function closedEarly(phase: ProbePhase): Outcome {
  return { outcome: 'fail', reason: 'reset', phase, detail: 'closed before the whole answer' };
}

/** The stable code of an error, or its name where it has none. */
function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function reasonOf(code: string, phase: ProbePhase): FailReason {
  const known = ENDPOINT_FAULTS[code];
  if (known !== undefined) return known;
  // Node names a certificate's fault without a prefix (`CERT_HAS_EXPIRED`), but only during the handshake.
  return phase === 'tls' || TLS_CODE.test(code) ? 'tls' : 'protocol';
}

/** Two of undici's codes hide what happened: one stands for several faults, the parser's is missing. Its messages are fixed. */
function detailOf(error: Error, code: string): string {
  return code === 'UND_ERR_SOCKET' || code === 'HTTPParserError' ? error.message : code;
}
