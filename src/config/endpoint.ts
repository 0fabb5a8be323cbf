/** Endpoints and their ids. */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { type CheckSpec, checkLabel, type EndpointSpec } from '../core/check.ts';
import type { ResolvedCheck } from './resolve-check.ts';

/** Makes the endpoints of one check: equal addresses under equal checks get equal ids, on every run and machine. */
export function endpointMaker(check: ResolvedCheck): (address: string) => EndpointSpec {
  const suffixes = { ipv4: idSuffix(check.ipv4), ipv6: idSuffix(check.ipv6) };
  return (address) => {
    const [family, key] = isIP(address) === 6 ? ([6, 'ipv6'] as const) : ([4, 'ipv4'] as const);
    return { id: `${address} ${suffixes[key]}`, address, family, check: check[key] };
  };
}

/**
 * `http://app.example.com/healthz #1a2b3c4d`. The digest covers the whole check, so that one that changes in any way,
 * be it in a secret header, is another endpoint. Its 32 bits do not tell a secret back.
 */
function idSuffix(check: CheckSpec): string {
  const digest = createHash('sha256').update(canonicalJson(check)).digest('hex').slice(0, 8);
  return `${checkLabel(check)} #${digest}`;
}

/** JSON whose maps are sorted, so that equal values have equal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
