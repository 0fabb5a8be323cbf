/** The way from the root, or from given servers, down to the servers that delegate a zone (RFC 1034 §5.3.3, without a cache). */
import { isSubdomainOf, type OwnerName, ROOT } from '../../core/name.ts';
import { TYPE_CODES } from '../../core/rr.ts';
import { type DnsClient, type Reply, type Response, rcodeName, type Server } from '../../dns/client.ts';

/** What a parent says of a zone below it. */
export interface Referral {
  readonly owner: OwnerName;
  readonly ns: readonly OwnerName[];
  readonly ttlSeconds: number;
  readonly glue: ReadonlyMap<OwnerName, readonly string[]>;
}

/** A server that could not be used on the way, and why. */
export interface Attempt {
  readonly server: Server;
  readonly reason: string;
}

export type Walked =
  | { readonly kind: 'delegated'; readonly servers: readonly Server[]; readonly referral: Referral }
  /** The servers say that there is no such zone below `apex`. */
  | { readonly kind: 'denied'; readonly servers: readonly Server[]; readonly apex: OwnerName; readonly rcode: number }
  /** The servers that should delegate the zone answer for it themselves. */
  | { readonly kind: 'hosted'; readonly servers: readonly Server[] }
  /** None of the servers of `cut` could be used. */
  | { readonly kind: 'stuck'; readonly cut: OwnerName; readonly attempts: readonly Attempt[] };

export interface Walker {
  delegationOf(zone: OwnerName): Promise<Walked>;
  /** The addresses of a server's name; empty when it has none. */
  addressesOf(name: OwnerName): Promise<readonly string[]>;
}

export interface WalkerDeps {
  readonly client: DnsClient;
  /** Where the way begins. */
  readonly from: readonly Server[];
  /** Of the servers that are met on the way. */
  readonly port: number;
}

const MAX_STEPS = 20;
/** Names of servers that have to be resolved before others can be asked, one for the other. */
const MAX_DEPTH = 4;
/** Servers of one zone that are tried before it is given up. */
const MAX_TRIED = 6;

type Step =
  | { readonly kind: 'referral'; readonly referral: Referral }
  | { readonly kind: 'answer'; readonly response: Response }
  | { readonly kind: 'denied'; readonly apex: OwnerName; readonly rcode: number }
  | { readonly kind: 'unusable'; readonly reason: string };

interface Descent {
  readonly cut: OwnerName;
  readonly servers: readonly Server[];
  readonly step: Step;
  readonly attempts: readonly Attempt[];
}

export function createWalker({ client, from, port }: WalkerDeps): Walker {
  const known = new Map<OwnerName, Promise<readonly string[]>>();

  /** Follows referrals until there is none, or one to `goal`. */
  async function descend(qname: OwnerName, qtype: number, goal: OwnerName | null, depth: number): Promise<Descent> {
    let [cut, servers] = [ROOT, from];
    for (let i = 0; ; i++) {
      const { step, attempts } = await firstUsable(servers, { qname, qtype }, cut);
      if (step.kind !== 'referral' || step.referral.owner === goal || i === MAX_STEPS) {
        return { cut, servers, step, attempts };
      }
      cut = step.referral.owner;
      servers = await serversOf(step.referral, depth);
    }
  }

  async function firstUsable(servers: readonly Server[], query: { qname: OwnerName; qtype: number }, cut: OwnerName) {
    const attempts: Attempt[] = [];
    for (const server of servers.slice(0, MAX_TRIED)) {
      const step = classify(await client.ask(server, query), query.qname, cut);
      if (step.kind !== 'unusable') return { step, attempts };
      attempts.push({ server, reason: step.reason });
    }
    const unusable: Step = { kind: 'unusable', reason: 'no server can be used' };
    return { step: unusable, attempts };
  }

  /** IPv4 first: it is what every machine has. */
  async function serversOf({ ns, glue }: Referral, depth: number): Promise<readonly Server[]> {
    const given = ns.flatMap((name) => glue.get(name) ?? []);
    const addresses = given.length > 0 ? given : await firstAddresses(ns, depth + 1);
    return ipv4First(addresses).map((address) => ({ address, port }));
  }

  async function firstAddresses(names: readonly OwnerName[], depth: number): Promise<readonly string[]> {
    for (const name of names) {
      const addresses = await resolve(name, depth);
      if (addresses.length > 0) return addresses;
    }
    return [];
  }

  function resolve(name: OwnerName, depth: number): Promise<readonly string[]> {
    if (depth > MAX_DEPTH) return Promise.resolve([]);
    const pending = known.get(name) ?? lookUp(name, depth);
    known.set(name, pending);
    return pending;
  }

  async function lookUp(name: OwnerName, depth: number): Promise<readonly string[]> {
    const types = [TYPE_CODES.A, TYPE_CODES.AAAA];
    const ends = await Promise.all(types.map((type) => descend(name, type, null, depth)));
    return ends.flatMap(({ step }) => (step.kind === 'answer' ? addressesIn(step.response, name) : []));
  }

  return {
    async delegationOf(zone) {
      const { cut, servers, step, attempts } = await descend(zone, TYPE_CODES.NS, zone, 0);
      if (step.kind === 'unusable') return { kind: 'stuck', cut, attempts };
      if (step.kind === 'referral') return { kind: 'delegated', servers, referral: step.referral };
      return step.kind === 'denied' ? { ...step, servers } : { kind: 'hosted', servers };
    },
    addressesOf: (name) => resolve(name, 0),
  };
}

/** @param cut the zone whose server was asked: a referral must lead below it. */
function classify(reply: Reply, qname: OwnerName, cut: OwnerName): Step {
  if (!reply.ok) return { kind: 'unusable', reason: reply.reason };
  const { response } = reply;
  if (response.rcode !== 0 && response.rcode !== NXDOMAIN) {
    return { kind: 'unusable', reason: `it answers ${rcodeName(response.rcode)}` };
  }
  const referral = referralIn(response, qname, cut);
  if (referral) return { kind: 'referral', referral };
  if (!response.isAuthoritative) return { kind: 'unusable', reason: NO_AUTHORITY };
  if (response.answers.length > 0) return { kind: 'answer', response };
  const soa = response.authorities.find(({ type }) => type === TYPE_CODES.SOA);
  if (soa) return { kind: 'denied', apex: soa.owner, rcode: response.rcode };
  return { kind: 'unusable', reason: 'it answers with nothing' };
}

/** What a resolver does where a name server should answer. */
export const NO_AUTHORITY = 'it answers without authority (no AA)';
const NXDOMAIN = 3;

/** @param cut null: whatever it leads to. */
export function referralIn(response: Response, qname: OwnerName, cut: OwnerName | null): Referral | null {
  const [first] = response.authorities.filter(({ type }) => type === TYPE_CODES.NS);
  if (!first || response.answers.length > 0 || response.rcode !== 0) return null;
  const { owner, ttlSeconds } = first;
  const leadsDown = cut === null || (owner !== cut && isSubdomainOf(owner, cut));
  if (!leadsDown || !isSubdomainOf(qname, owner)) return null;
  const ns = response.authorities.flatMap(({ rdata }) => (rdata?.type === 'NS' ? [rdata.nsdname] : []));
  const glue = new Map(ns.map((name) => [name, addressesIn({ answers: response.additionals }, name)]));
  return { owner, ns, ttlSeconds, glue };
}

/** The addresses that a response gives to a name. */
export function addressesIn({ answers }: Pick<Response, 'answers'>, name: OwnerName): readonly string[] {
  return answers.flatMap(({ owner, rdata }) =>
    owner === name && (rdata?.type === 'A' || rdata?.type === 'AAAA') ? [rdata.address] : [],
  );
}

export function ipv4First(addresses: readonly string[]): readonly string[] {
  return addresses.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
}
