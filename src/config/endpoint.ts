/** Endpoints and their ids. */
import { createHash } from 'node:crypto';
import { familyOf } from '../core/address.ts';
import { type CheckSpec, checkLabel, type EndpointSpec } from '../core/check.ts';
import type { ResolvedCheck } from './resolve-check.ts';
import { Shared } from './shared.ts';

/** The endpoints of a config: equal addresses under equal checks have equal ids, on every run and machine, and are one object. */
export class Endpoints {
  readonly #checks = new Shared();
  readonly #suffixes = new Map<CheckSpec, string>();
  readonly #known = new Map<string, EndpointSpec>();

  /** Makes the endpoints of one check. */
  maker({ ipv4, ipv6 }: ResolvedCheck): (address: string) => EndpointSpec {
    const four = this.#checks.of(ipv4);
    const six = ipv6 === ipv4 ? four : this.#checks.of(ipv6);
    return (address) => {
      const family = familyOf(address);
      return this.#of(address, family, family === 6 ? six : four);
    };
  }

  #of(address: string, family: EndpointSpec['family'], check: CheckSpec): EndpointSpec {
    const suffix = this.#suffixes.get(check) ?? idSuffix(check);
    this.#suffixes.set(check, suffix);
    const id = `${address} ${suffix}`;
    const endpoint = this.#known.get(id) ?? { id, address, family, check };
    this.#known.set(id, endpoint);
    return endpoint;
  }
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
