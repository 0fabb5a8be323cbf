/** Endpoints and their ids. */
import { createHash } from 'node:crypto';
import { familyOf } from '../core/address.ts';
import { type CheckSpec, checkLabel, type EndpointSpec } from '../core/check.ts';
import type { ResolvedCheck } from './resolve-check.ts';

/** Makes the endpoints of one check: equal addresses under equal checks get equal ids, on every run and machine. */
export function endpointMaker(checks: ResolvedCheck): (address: string) => EndpointSpec {
  const suffixes = new Map<CheckSpec, string>();
  return (address) => {
    const family = familyOf(address);
    const check = family === 6 ? checks.ipv6 : checks.ipv4;
    const suffix = suffixes.get(check) ?? idSuffix(check);
    suffixes.set(check, suffix);
    return { id: `${address} ${suffix}`, address, family, check };
  };
}

/**
 * `http://app.example.com/healthz #1a2b3c4d`. The digest covers the whole check, so that one that changes in any way,
 * be it in a secret header, is another endpoint. Its 32 bits do not tell a secret back.
 */
function idSuffix(check: CheckSpec): string {
  // Equal checks have equal texts: their keys stand in the order of the resolver, the headers in that of their names.
  const digest = createHash('sha256').update(JSON.stringify(check)).digest('hex').slice(0, 8);
  return `${checkLabel(check)} #${digest}`;
}
