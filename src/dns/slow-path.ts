/** Answers any message: every check that a query can fail, one after the other. */
import type { Zones } from '../core/zone.ts';
import { type Edns, readAdditional } from './additional.ts';
import { type Body, edeOption, emptyBody } from './body.ts';
import { isCookieLength } from './cookies.ts';
import type { DropReason } from './counters.ts';
import { countsOf, inspectHeader } from './header.ts';
import { bodyFor, type Policy, type Transport } from './policy.ts';
import { type Question, readQuestion } from './question.ts';
import { changesSince, type Transfer, wholeZone } from './transfer.ts';
import type { TransferPolicy } from './transfer-policy.ts';
import type { Signature } from './tsig.ts';
import { CLASS_IN, EDE, HEADER_OCTETS, RCODE, TYPE_AXFR, TYPE_IXFR } from './wire.ts';

/** What is to be sent, or why nothing is. */
export type Outcome =
  | { readonly kind: 'drop'; readonly reason: DropReason }
  | ({ readonly kind: 'reply'; readonly body: Body } & ReplyParts)
  /** A transfer: as many messages as it takes. */
  | ({ readonly kind: 'transfer' } & Transfer & ReplyParts);

export interface ReplyParts {
  /** Octets of the question that the response repeats. */
  readonly questionOctets: number;
  /** The query's OPT: the response has one too. */
  readonly edns: Edns | null;
  /** The query's TSIG: the response has one too. */
  readonly signature: Signature | null;
}

/** Where a message comes from. */
export interface Origin {
  readonly transport: Transport;
  readonly peer: Uint8Array;
}

const NOTIMP = emptyBody(RCODE.NOTIMP);
const FORMERR = emptyBody(RCODE.FORMERR);
const NOTAUTH = emptyBody(RCODE.NOTAUTH);
const BADVERS = emptyBody(RCODE.BADVERS);
const NOERROR = emptyBody(RCODE.NOERROR);

/** What the answers and the transfers depend on. */
export interface JudgePolicy extends Policy {
  readonly zones: Zones;
  readonly transfers: TransferPolicy;
}

/** Decides what a message gets. Never throws, whatever the octets. */
export function judge(message: Uint8Array, origin: Origin, policy: JudgePolicy): Outcome {
  const verdict = inspectHeader(message);
  switch (verdict) {
    case 'short':
    case 'qr':
      return { kind: 'drop', reason: verdict };
    case 'notimp':
      return reply(NOTIMP);
    // Nobody is a primary for us (RFC 1996 §3.10): as BIND says of a zone that it is no secondary of.
    case 'notify':
      return reply(NOTAUTH);
    case 'formerr':
      return reply(FORMERR);
    case 'query':
      return judgeQuery(message, origin, policy);
  }
}

function reply(body: Body, parts: ReplyParts = { questionOctets: 0, edns: null, signature: null }): Outcome {
  return { kind: 'reply', body, ...parts };
}

function judgeQuery(message: Uint8Array, origin: Origin, policy: JudgePolicy): Outcome {
  const counts = countsOf(message);
  const question = readQuestion(message);
  if (counts.questions === 1 && !question) return reply(FORMERR);
  const asked = counts.questions === 1 ? question : null;
  const end = asked?.end ?? HEADER_OCTETS;
  const additional = readAdditional(message, end, counts);
  const { edns, tsigAt } = additional;
  const isWhole = !additional.isDamaged && (counts.authorities === 0 || asked?.qtype === TYPE_IXFR);
  const verdict = isWhole && tsigAt > 0 ? policy.transfers.verify(message, tsigAt) : null;
  const questionOctets = end - HEADER_OCTETS;
  if (!isWhole || verdict?.kind === 'damaged') return reply(FORMERR, { questionOctets, edns, signature: null });
  const parts = { questionOctets, edns, signature: verdict?.signature ?? null };
  if (verdict?.kind === 'refused') return reply(NOTAUTH, parts);
  const refusal = refusalOf(asked, edns, policy);
  if (refusal || !asked) return reply(refusal ?? FORMERR, parts);
  return isTransfer(asked, origin.transport)
    ? judgeTransfer(asked, additional.serial, { ...origin, ...parts }, policy)
    : reply(bodyFor(asked, message, origin.transport, policy), parts);
}

/** What is wrong with the OPT, or with a query without a question. */
function refusalOf(question: Question | null, edns: Edns | null, policy: JudgePolicy): Body | null {
  if (edns && edns.version > 0) return BADVERS;
  const hasCookie = policy.hasCookies && edns !== null && edns.cookieAt > 0;
  if (hasCookie && !isCookieLength(edns.cookieOctets)) return FORMERR;
  // Only a cookie is asked for (RFC 7873 §5.4).
  if (!question) return hasCookie ? NOERROR : FORMERR;
  return null;
}

/** AXFR does not exist over UDP (RFC 5936 §4.2). */
function isTransfer({ qtype, qclass }: Question, transport: Transport): boolean {
  return qclass === CLASS_IN && (qtype === TYPE_IXFR || (qtype === TYPE_AXFR && transport === 'tcp'));
}

const NO_ZONE = { ...NOTAUTH, ede: edeOption(EDE.NOT_AUTHORITATIVE, '') };
const PROHIBITED = emptyBody(RCODE.REFUSED, edeOption(EDE.PROHIBITED, 'not a secondary of this zone'));

function judgeTransfer(
  { qname, qtype }: Question,
  serial: number | null,
  { peer, ...parts }: Origin & ReplyParts,
  { zones, transfers }: JudgePolicy,
): Outcome {
  const replyParts = { questionOctets: parts.questionOctets, edns: parts.edns, signature: parts.signature };
  const zone = zones.get(qname);
  if (!zone) return reply(NO_ZONE, replyParts);
  if (!transfers.mayTransfer(qname, peer, parts.signature?.key ?? null)) return reply(PROHIBITED, replyParts);
  if (qtype === TYPE_AXFR) return { kind: 'transfer', zone, items: wholeZone(zone), ...replyParts };
  if (serial === null) return reply(FORMERR, replyParts);
  return { kind: 'transfer', zone, items: changesSince(zone, serial), ...replyParts };
}
