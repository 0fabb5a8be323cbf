import t from 'tap';
import { outcomeOfError } from '../../src/probe/errors.ts';

const coded = (code: string) => Object.assign(new Error('secret message'), { code });

t.test('outcomeOfError() blames the prober for what the prober ran out of', (t) => {
  for (const code of ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']) {
    t.same(outcomeOfError(coded(code), 'connect', false), { outcome: 'inconclusive', reason: code, detail: code });
  }
  t.match(outcomeOfError(coded('EADDRINUSE'), 'connect', false), { outcome: 'inconclusive', reason: 'EADDRNOTAVAIL' });
  t.end();
});

const REASONS = [
  ['ECONNREFUSED', 'connect', 'refused'],
  ['ECONNRESET', 'tls', 'reset'],
  ['EPIPE', 'headers', 'reset'],
  ['EHOSTUNREACH', 'connect', 'unreachable'],
  ['ENETUNREACH', 'connect', 'unreachable'],
  ['ETIMEDOUT', 'connect', 'timeout'],
  ['CERT_HAS_EXPIRED', 'tls', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'tls'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'headers', 'tls'],
  ['EPROTO', 'headers', 'tls'],
  ['UND_ERR_HEADERS_OVERFLOW', 'headers', 'protocol'],
  ['SOMETHING_NEW', 'body', 'protocol'],
] as const;

for (const [code, phase, reason] of REASONS) {
  t.test(`outcomeOfError() takes ${code} in ${phase} for ${reason}, and says no more than the code`, (t) => {
    t.same(outcomeOfError(coded(code), phase, false), { outcome: 'fail', reason, phase, detail: code });
    t.end();
  });
}

t.test('outcomeOfError() takes what the HTTP client makes of an early close for a reset', (t) => {
  const detail = 'closed before the whole answer';
  for (const error of [coded('UND_ERR_SOCKET'), coded('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), new Error('x')]) {
    t.same(outcomeOfError(error, 'body', true), { outcome: 'fail', reason: 'reset', phase: 'body', detail });
  }
  t.end();
});
