/** What is right and wrong with a delegation, each fault with its remedy. Pure: from what was seen to what is said. */
import { isSubdomainOf, type OwnerName, shown } from '../../core/name.ts';
import { formatDuration } from '../format.ts';
import { glueLine, parentLines } from '../parent-lines.ts';
import { answerFindings, type Decided } from './answers.ts';
import { type Finding, finding, sameSet } from './finding.ts';
import type { Observed, ServerView, Subject } from './observe.ts';
import { type Attempt, NO_AUTHORITY } from './walk.ts';

/** Longer, and a move of name servers takes days. */
const LONG_TTL_SECONDS = 2 * 86_400;
const SHORT_TTL_SECONDS = 300;

/** @param decided what the running failoverd answers, or why that is not known. */
export function judge(seen: Observed, subject: Subject, decided: readonly Decided[] | string): readonly Finding[] {
  return [
    ...parentFindings(seen, subject),
    ...nsFindings(seen, subject),
    ...glueFindings(seen, subject),
    ...ttlFindings(seen),
    ...seen.servers.flatMap((server) => serverFindings(server)),
    ...countFindings(seen),
    ...serialFindings(seen),
    ...dsFindings(seen),
    ...answerFindings(seen, decided),
  ];
}

function parentFindings({ zone, walked, parentApex, parents }: Observed, subject: Subject): readonly Finding[] {
  const name = shown(zone);
  if (walked.kind === 'stuck') return [stuckFinding(walked.cut, walked.attempts, name)];
  if (walked.kind === 'denied') {
    const lines = parentLines(zone, subject.nameservers);
    const remedy = lines.length > 0 ? `add to the zone ${shown(walked.apex)}:\n${lines.join('\n')}` : NS_LINES;
    return [finding('error', 'parent', `${shown(walked.apex)} does not delegate ${name}`, remedy)];
  }
  if (walked.kind === 'hosted') {
    const what = `the servers that should delegate ${name} answer for it themselves`;
    const remedy = `remove the zone ${name} from them, unless they are its secondaries`;
    return [finding('warning', 'parent', what, remedy)];
  }
  const { ns } = walked.referral;
  const apex = parentApex === null ? 'the parent' : shown(parentApex);
  const faults = parents.flatMap(({ server, referral }) => {
    if (typeof referral === 'string') {
      return finding(
        'error',
        'parent',
        `${server.address}, a server of ${apex}: ${referral}`,
        'repair it, or wait until it has the current zone',
      );
    }
    if (sameSet(referral.ns, ns)) return [];
    const what = `${server.address}, a server of ${apex}, delegates to ${list(referral.ns)}, others to ${list(ns)}`;
    return finding('error', 'parent', what, 'wait until every server of the parent has the current zone');
  });
  return [finding('ok', 'parent', `${apex} delegates ${name} to ${list(ns)}`), ...faults];
}

function stuckFinding(cut: OwnerName, attempts: readonly Attempt[], name: string): Finding {
  const byReason = Map.groupBy(attempts, ({ reason }) => reason);
  const tried = [...byReason].map(
    ([reason, all]) => `${all.map(({ server }) => server.address).join(', ')}: ${reason}`,
  );
  const what = `no server of ${shown(cut)} can be used on the way to ${name}${tried.length === 0 ? '' : ` (${tried.join('; ')})`}`;
  const isIntercepted = attempts.length > 0 && attempts.every(({ reason }) => reason === NO_AUTHORITY);
  return finding('error', 'parent', what, isIntercepted ? ASK_ELSEWHERE : LET_OUT);
}

const LET_OUT = 'let this machine send DNS queries (UDP and TCP, port 53) out, or name servers to begin at with --from';
const ASK_ELSEWHERE =
  'a resolver answers in their place: a firewall or a provider redirects DNS, or --from names one; ask from another network';
const NS_LINES = 'add NS records for it to the parent zone, and the addresses of those servers that lie in it';

/** The zone's own NS RRset, as far as a server answers with it. */
function zoneNs({ servers }: Observed): readonly OwnerName[] {
  return servers.find(({ ns }) => ns !== null && ns.length > 0)?.ns ?? [];
}

function nsFindings(seen: Observed, { nameservers }: Subject): readonly Finding[] {
  const { walked } = seen;
  if (walked.kind !== 'delegated') return [];
  const atParent = walked.referral.ns;
  const answered = zoneNs(seen);
  const inZone = answered.length > 0 ? answered : [...nameservers.keys()];
  if (inZone.length === 0) return [finding('info', 'ns', 'no server answers with the NS records of the zone')];
  const different = seen.servers.filter(({ ns }) => ns !== null && !sameSet(ns, inZone));
  const missing = inZone.filter((name) => !atParent.includes(name));
  const surplus = atParent.filter((name) => !inZone.includes(name));
  const findings = [
    ...missing.map((name) =>
      finding(
        'error',
        'ns',
        `${shown(name)} is a name server in the zone and not at the parent`,
        'add it at the parent, or remove it from "nameservers"',
      ),
    ),
    ...surplus.map((name) =>
      finding(
        'error',
        'ns',
        `${shown(name)} is a name server at the parent and not in the zone`,
        'remove it at the parent, or add it to "nameservers"',
      ),
    ),
    ...different.map(({ name, address, ns }) =>
      finding(
        'error',
        'ns',
        `${shown(name)} (${address}) has other NS records than the first server: ${list(ns ?? [])}`,
        'let it transfer the current zone',
      ),
    ),
  ];
  return findings.length > 0 ? findings : [finding('ok', 'ns', `parent and zone agree: ${list(inZone)}`)];
}

function glueFindings(seen: Observed, { nameservers }: Subject): readonly Finding[] {
  const { walked, zone, servers } = seen;
  if (walked.kind !== 'delegated') return [];
  const { glue } = walked.referral;
  const findings = walked.referral.ns.flatMap((name): readonly Finding[] => {
    if (!isSubdomainOf(name, zone)) return [];
    const given = glue.get(name) ?? [];
    const known = servers.map(({ addresses }) => addresses.get(name) ?? []).find((all) => all.length > 0);
    const right = known ?? nameservers.get(name) ?? given;
    if (given.length === 0) {
      const lines = right.map((address) => glueLine(name, address)).join('\n');
      const what = `the parent has no address for ${shown(name)}, which lies in the zone: nobody can find it`;
      return [finding('error', 'glue', what, `add to the parent zone:\n${lines === '' ? `${name} IN A …` : lines}`)];
    }
    if (sameSet(given, right)) return [];
    const what = `the parent's address of ${shown(name)} is ${given.join(', ')}, in the zone it is ${right.join(', ')}`;
    return [finding('error', 'glue', what, 'make both the same')];
  });
  const lost = seen.unresolved.filter((name) => !isSubdomainOf(name, zone));
  const outside = lost.map((name) =>
    finding(
      'error',
      'glue',
      `${shown(name)} has no address`,
      'give it one in its own zone, or remove it from the NS records',
    ),
  );
  const all = [...findings, ...outside];
  return all.length > 0 ? all : [finding('ok', 'glue', 'every name server has its address')];
}

function ttlFindings({ walked }: Observed): readonly Finding[] {
  if (walked.kind !== 'delegated') return [];
  const { ttlSeconds } = walked.referral;
  const ttl = formatDuration(ttlSeconds * 1000);
  if (ttlSeconds < SHORT_TTL_SECONDS) {
    return [
      finding(
        'warning',
        'ttl',
        `the parent's NS records live for ${ttl} only: resolvers will often ask the parent`,
        'an hour is a good value',
      ),
    ];
  }
  if (ttlSeconds > LONG_TTL_SECONDS) {
    return [
      finding(
        'warning',
        'ttl',
        `the parent's NS records live for ${ttl}: so long resolvers go on asking servers that you have moved`,
        'lower it to an hour or a day, at the latest before you move a server',
      ),
    ];
  }
  return [finding('ok', 'ttl', `the parent's NS records live for ${ttl}: so long a move of name servers takes`)];
}

function serverFindings(server: ServerView): readonly Finding[] {
  const { name, address, udpFault, tcpFault, ednsFault, isOutOfReach } = server;
  const who = `${shown(name)} (${address})`;
  if (isOutOfReach)
    return [finding('info', 'server', `${who} was not asked: this machine cannot reach such addresses`)];
  if (udpFault !== null && udpFault === tcpFault)
    return [finding('error', 'server', `${who}: ${udpFault}`, remedyFor(udpFault))];
  const findings = [
    ...(udpFault === null ? [] : [finding('error', 'server', `${who} over UDP: ${udpFault}`, remedyFor(udpFault))]),
    ...(tcpFault === null
      ? []
      : [
          finding(
            'error',
            'tcp',
            `${who} over TCP: ${tcpFault}`,
            `${remedyFor(tcpFault)}; resolvers need TCP for long answers (RFC 7766)`,
          ),
        ]),
    ...(ednsFault === null
      ? []
      : [
          finding(
            'warning',
            'edns',
            `${who} asked with EDNS: ${ednsFault}`,
            'use a server that speaks EDNS, or look for a firewall that changes DNS (RFC 6891)',
          ),
        ]),
  ];
  return findings.length > 0
    ? findings
    : [finding('ok', 'server', `${who} answers with authority over UDP and TCP, with EDNS`)];
}

function remedyFor(fault: string): string {
  if (fault.startsWith('it answers')) return 'configure the zone there: the server runs, but does not serve it';
  if (fault === 'nothing listens there') return 'start the server, and see that it listens on this address';
  return 'start the server, and open port 53 in every firewall on the way, for UDP and TCP';
}

function countFindings({ servers, walked }: Observed): readonly Finding[] {
  if (walked.kind !== 'delegated' || new Set(servers.map(({ address }) => address)).size > 1) return [];
  const remedy = 'add a secondary, as docs/scale-out.md shows (RFC 1034 §4.1)';
  return [finding('warning', 'server', 'one name server: while it is away the zone has no answer', remedy)];
}

function serialFindings({ servers }: Observed): readonly Finding[] {
  const known = servers.filter(({ serial }) => serial !== null);
  const serials = new Set(known.map(({ serial }) => serial));
  if (serials.size === 0) return [];
  if (serials.size === 1) return [finding('ok', 'serial', `every server has the serial ${[...serials].join()}`)];
  const all = known.map(({ name, address, serial }) => `${shown(name)} (${address}): ${serial}`).join(', ');
  const remedy = 'see "failoverd status" for what NOTIFY and the transfers say, and the log of the secondary';
  return [finding('error', 'serial', `the servers have different serials: ${all}`, remedy)];
}

function dsFindings({ hasDs, servers, zone, walked }: Observed): readonly Finding[] {
  if (walked.kind !== 'delegated') return [];
  if (!hasDs) return [finding('ok', 'ds', 'the parent has no DS: the zone is unsigned, and known to be')];
  if (servers.some(({ hasKeys }) => hasKeys === true))
    return [finding('ok', 'ds', 'the parent has a DS and the zone has keys')];
  const what = `the parent has a DS for ${shown(zone)}, but the zone has no keys: validating resolvers answer SERVFAIL`;
  return [finding('error', 'ds', what, 'remove the DS records at the parent: failoverd does not sign')];
}

function list(names: readonly OwnerName[]): string {
  return names.map(shown).toSorted().join(', ');
}
