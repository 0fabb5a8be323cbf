/** Asks everybody whom a delegation concerns. What the answers mean is for findings.ts to say. */
import { isSubdomainOf, type OwnerName, parentOf, ROOT, shown } from '../../core/name.ts';
import { TYPE_CODES } from '../../core/rr.ts';
import { type DnsClient, NO_ROUTE, type Reply, rcodeName, type Server } from '../../dns/client.ts';
import { addressesIn, ipv4First, NO_AUTHORITY, type Referral, referralIn, type Walked, type Walker } from './walk.ts';

const TYPE_DS = 43;
const TYPE_DNSKEY = 48;

/** One address of one name server of the zone. */
export interface ServerView {
  readonly name: OwnerName;
  readonly address: string;
  /** What is wrong with its answer over UDP and over TCP; null: it answers with authority. */
  readonly udpFault: string | null;
  readonly tcpFault: string | null;
  /** What is wrong when it is asked with EDNS; null: nothing. */
  readonly ednsFault: string | null;
  /** Not asked, because this machine cannot reach such an address at all. */
  readonly isOutOfReach: boolean;
  readonly serial: number | null;
  /** The zone's NS RRset as it has it. */
  readonly ns: readonly OwnerName[] | null;
  /** The addresses that it has for the names of servers in the zone. */
  readonly addresses: ReadonlyMap<OwnerName, readonly string[]>;
  /** Whether the zone has a DNSKEY there; null: not asked. */
  readonly hasKeys: boolean | null;
}

/** What the servers, and the resolver, answer for one record and type. */
export interface AnswerView {
  readonly record: OwnerName;
  readonly family: 4 | 6;
  readonly servers: readonly { readonly server: string; readonly addresses: readonly string[] | string }[];
  /** Addresses and the TTL that is left of them, or what went wrong. */
  readonly resolver: { readonly addresses: readonly string[]; readonly ttlSeconds: number } | string;
}

/** One of the parent's servers, and what it says of the zone; a text: what went wrong. */
export interface ParentView {
  readonly server: Server;
  readonly referral: Referral | string;
}

export interface Observed {
  readonly zone: OwnerName;
  readonly walked: Walked;
  /** Null when it could not be told. */
  readonly parentApex: OwnerName | null;
  readonly parents: readonly ParentView[];
  readonly hasDs: boolean;
  readonly servers: readonly ServerView[];
  /** Names of servers for which no address was found. */
  readonly unresolved: readonly OwnerName[];
  readonly resolver: string | null;
  readonly answers: readonly AnswerView[];
}

export interface ObserveDeps {
  readonly client: DnsClient;
  readonly walker: Walker;
  /** Of the zone's servers. */
  readonly port: number;
  readonly resolver: Server | null;
}

/** What is known without asking. */
export interface Subject {
  readonly zone: OwnerName;
  /** The config's name servers; empty without a config. */
  readonly nameservers: ReadonlyMap<OwnerName, readonly string[]>;
  readonly records: readonly OwnerName[];
}

export async function observe(subject: Subject, deps: ObserveDeps): Promise<Observed> {
  const { zone } = subject;
  const { client, resolver } = deps;
  const walked = await deps.walker.delegationOf(zone);
  const parentServers = walked.kind === 'stuck' ? [] : walked.servers;
  const [parents, parentApex, hasDs] = await Promise.all([
    walked.kind === 'delegated' ? askParents(parentServers, zone, client) : [],
    walked.kind === 'denied' ? walked.apex : askApex(parentServers, zone, client),
    askDs(parentServers, zone, client),
  ]);
  const addresses = await addressesOfServers(subject, walked, deps.walker);
  const found = [...addresses].flatMap(([name, all]) => all.map((address) => ({ name, address })));
  const names = [...addresses.keys()].filter((name) => isSubdomainOf(name, zone));
  const servers = await Promise.all(
    found.map((one) => lookAt({ ...one, port: deps.port }, { zone, names, hasDs }, client)),
  );
  const usable = servers.filter(({ udpFault }) => udpFault === null);
  const answers = await Promise.all(
    subject.records.flatMap((record) => ([4, 6] as const).map((family) => askRecord({ record, family }, usable, deps))),
  );
  const unresolved = [...addresses].filter(([, all]) => all.length === 0).map(([name]) => name);
  const resolverAddress = resolver?.address ?? null;
  return { zone, walked, parentApex, parents, hasDs, servers, unresolved, resolver: resolverAddress, answers };
}

function askParents(servers: readonly Server[], zone: OwnerName, client: DnsClient): Promise<readonly ParentView[]> {
  return Promise.all(
    servers.map(async (server) => {
      const reply = await client.ask(server, { qname: zone, qtype: TYPE_CODES.NS });
      if (!reply.ok) return { server, referral: reply.reason };
      const { response } = reply;
      const referral = referralIn(response, zone, null);
      const isSame = referral?.owner === zone;
      return { server, referral: isSame ? referral : `it does not delegate the zone (${rcodeName(response.rcode)})` };
    }),
  );
}

/** The zone that delegates: that of the name above. */
async function askApex(servers: readonly Server[], zone: OwnerName, client: DnsClient): Promise<OwnerName | null> {
  const qname = parentOf(zone) ?? ROOT;
  for (const server of servers) {
    const reply = await client.ask(server, { qname, qtype: TYPE_CODES.SOA });
    if (!reply.ok || !reply.response.isAuthoritative) continue;
    const { answers, authorities } = reply.response;
    const soa = [...answers, ...authorities].find(({ type }) => type === TYPE_CODES.SOA);
    if (soa) return soa.owner;
  }
  return null;
}

async function askDs(servers: readonly Server[], zone: OwnerName, client: DnsClient): Promise<boolean> {
  for (const server of servers) {
    const reply = await client.ask(server, { qname: zone, qtype: TYPE_DS });
    if (reply.ok && reply.response.rcode === 0) return reply.response.answers.some(({ type }) => type === TYPE_DS);
  }
  return false;
}

/** By the parent's glue, else by the config, else as the name itself resolves. */
async function addressesOfServers(
  { nameservers }: Subject,
  walked: Walked,
  walker: Walker,
): Promise<ReadonlyMap<OwnerName, readonly string[]>> {
  const referral = walked.kind === 'delegated' ? walked.referral : null;
  const names = new Set([...(referral?.ns ?? []), ...nameservers.keys()]);
  const entries = [...names].map(async (name): Promise<[OwnerName, readonly string[]]> => {
    const known = [...new Set([...(referral?.glue.get(name) ?? []), ...(nameservers.get(name) ?? [])])];
    return [name, ipv4First(known.length > 0 ? known : await walker.addressesOf(name))];
  });
  return new Map(await Promise.all(entries));
}

interface What {
  readonly zone: OwnerName;
  /** The names of servers in the zone. */
  readonly names: readonly OwnerName[];
  readonly hasDs: boolean;
}

async function lookAt(
  server: Server & { readonly name: OwnerName },
  { zone, names, hasDs }: What,
  client: DnsClient,
): Promise<ServerView> {
  const { name, address } = server;
  const soa = { qname: zone, qtype: TYPE_CODES.SOA };
  const [edns, tcp] = await Promise.all([client.udp(server, soa), client.tcp(server, { ...soa, plain: true })]);
  const isGood = faultOf(edns) === null;
  const plain = isGood ? edns : await client.udp(server, { ...soa, plain: true });
  const udpFault = faultOf(plain);
  const tcpFault = faultOf(tcp);
  const query = { plain: !isGood };
  const isUsable = udpFault === null;
  const ns = isUsable ? await client.ask(server, { qname: zone, qtype: TYPE_CODES.NS, ...query }) : null;
  const keys = isUsable && hasDs ? await client.ask(server, { qname: zone, qtype: TYPE_DNSKEY, ...query }) : null;
  return {
    name,
    address,
    udpFault,
    tcpFault,
    ednsFault: isUsable ? ednsFaultOf(edns) : null,
    isOutOfReach: [plain, tcp].every((reply) => !reply.ok && reply.reason === NO_ROUTE),
    serial: serialIn(isUsable ? plain : tcp),
    ns: ns?.ok ? ns.response.answers.flatMap(({ rdata }) => (rdata?.type === 'NS' ? [rdata.nsdname] : [])) : null,
    addresses: isUsable ? await askAddresses(server, names, client, query) : new Map(),
    hasKeys: keys?.ok ? keys.response.answers.some(({ type }) => type === TYPE_DNSKEY) : null,
  };
}

function faultOf(reply: Reply): string | null {
  if (!reply.ok) return reply.reason;
  const { rcode, isAuthoritative } = reply.response;
  if (rcode !== 0) return `it answers ${rcodeName(rcode)}`;
  if (!isAuthoritative) return NO_AUTHORITY;
  return serialIn(reply) === null ? 'it answers without an SOA' : null;
}

function ednsFaultOf(reply: Reply): string | null {
  return faultOf(reply) ?? (reply.ok && !reply.response.hasEdns ? 'it ignores EDNS' : null);
}

function serialIn(reply: Reply): number | null {
  const [soa] = reply.ok ? reply.response.answers.flatMap(({ rdata }) => (rdata?.type === 'SOA' ? [rdata] : [])) : [];
  return soa?.serial ?? null;
}

async function askAddresses(
  server: Server,
  names: readonly OwnerName[],
  client: DnsClient,
  { plain }: { readonly plain: boolean },
) {
  const entries = names.map(async (name): Promise<[OwnerName, readonly string[]]> => {
    const types = [TYPE_CODES.A, TYPE_CODES.AAAA];
    const replies = await Promise.all(types.map((qtype) => client.ask(server, { qname: name, qtype, plain })));
    return [name, replies.flatMap((reply) => (reply.ok ? addressesIn(reply.response, name) : []))];
  });
  return new Map(await Promise.all(entries));
}

async function askRecord(
  { record, family }: { readonly record: OwnerName; readonly family: 4 | 6 },
  servers: readonly ServerView[],
  { client, port, resolver }: ObserveDeps,
): Promise<AnswerView> {
  const query = { qname: record, qtype: family === 4 ? TYPE_CODES.A : TYPE_CODES.AAAA };
  const asked = servers.map(async ({ name, address, ednsFault }) => {
    const reply = await client.ask({ address, port }, { ...query, plain: ednsFault !== null });
    return {
      server: `${shown(name)} (${address})`,
      addresses: reply.ok ? addressesIn(reply.response, record) : reply.reason,
    };
  });
  return {
    record,
    family,
    servers: await Promise.all(asked),
    resolver: resolver ? await askResolver(resolver, query, client) : 'there is no resolver',
  };
}

async function askResolver(
  resolver: Server,
  query: { readonly qname: OwnerName; readonly qtype: number },
  client: DnsClient,
): Promise<AnswerView['resolver']> {
  const reply = await client.ask(resolver, { ...query, recursive: true });
  if (!reply.ok) return reply.reason;
  const { rcode, answers } = reply.response;
  if (rcode !== 0) return `it answers ${rcodeName(rcode)}`;
  const ttls = answers.map(({ ttlSeconds }) => ttlSeconds);
  return { addresses: addressesIn(reply.response, query.qname), ttlSeconds: Math.min(...ttls, 86_400) };
}
