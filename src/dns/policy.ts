/** What is answered to a question, whatever the transport's limits: the zones' answer, or why there is none. */
import { lookup } from '../core/lookup.ts';
import { parseTxt } from '../core/rdata-text.ts';
import type { Zones } from '../core/zone.ts';
import { type Body, composeBody, edeOption, emptyBody, recordBody } from './body.ts';
import { encodeRecord } from './codec.ts';
import type { Question } from './question.ts';
import {
  CLASS_ANY,
  CLASS_CH,
  CLASS_IN,
  EDE,
  RCODE,
  TYPE_ANY,
  TYPE_AXFR,
  TYPE_IXFR,
  TYPE_MAILA,
  TYPE_MAILB,
  TYPE_OPT,
  TYPE_TXT,
} from './wire.ts';

export type Transport = 'udp' | 'tcp';

const REFUSED = emptyBody(RCODE.REFUSED, edeOption(EDE.NOT_AUTHORITATIVE, ''));
const REFUSED_TRANSFER = emptyBody(RCODE.REFUSED, edeOption(EDE.NOT_SUPPORTED, 'no zone transfer'));
const NO_QUERY_TYPE = emptyBody(RCODE.FORMERR, edeOption(EDE.INVALID_QUERY_TYPE, ''));
const OBSOLETE_TYPE = emptyBody(RCODE.NOTIMP, edeOption(EDE.NOT_SUPPORTED, ''));

/** The response to a question of a type that zones are looked up for, as of class IN. */
export type AnswerQuestion = (question: Question, message: Uint8Array) => Body;

/** The same by the zones alone. */
export function lookupBody(zones: Zones, { qname, qtype }: Question): Body {
  return composeBody(lookup(zones, qname, qtype), qname);
}

/** What the answers depend on. */
export interface Policy {
  readonly answer: AnswerQuestion;
  readonly chaos: ChaosBodies;
  /** Whether the COOKIE option is understood. */
  readonly hasCookies: boolean;
}

/** The response to a question. */
export function bodyFor(question: Question, message: Uint8Array, transport: Transport, policy: Policy): Body {
  const { qname, qtype, qclass } = question;
  if (qclass === CLASS_CH && (qtype === TYPE_TXT || qtype === TYPE_ANY)) return policy.chaos.get(qname) ?? REFUSED;
  if (qclass !== CLASS_IN && qclass !== CLASS_ANY) return REFUSED;
  const body = metaTypeBody(qtype, transport) ?? policy.answer(question, message);
  // All classes can never be answered with authority (RFC 1035 §6.2).
  return qclass === CLASS_ANY ? { ...body, flags: 0 } : body;
}

/** The types from 128 to 255 ask for something to be done, not for records (RFC 6895 §3.1); ANY alone is looked up. */
const META_TYPES = { first: 128, last: 255 };

/**
 * - AXFR and IXFR: refused; AXFR does not exist over UDP (RFC 5936 §4.2).
 * - MAILA and MAILB are obsolete (RFC 1035 §3.2.3, RFC 973): not implemented, as BIND says.
 * - OPT and the other meta types are no types to ask for.
 */
function metaTypeBody(qtype: number, transport: Transport): Body | null {
  if (qtype === TYPE_ANY) return null;
  if (qtype === TYPE_AXFR) return transport === 'tcp' ? REFUSED_TRANSFER : NO_QUERY_TYPE;
  if (qtype === TYPE_IXFR) return REFUSED_TRANSFER;
  if (qtype === TYPE_MAILA || qtype === TYPE_MAILB) return OBSOLETE_TYPE;
  const isMeta = qtype === TYPE_OPT || (qtype >= META_TYPES.first && qtype <= META_TYPES.last);
  return isMeta ? NO_QUERY_TYPE : null;
}

/** Names of CHAOS whose TXT says which server this is (RFC 4892), with what they say. */
export type ChaosBodies = ReadonlyMap<string, Body>;

export function chaosBodies(version: string | null, identifier: string | null): ChaosBodies {
  const texts: readonly [string, string | null][] = [
    ['version.bind.', version],
    ['version.server.', version],
    ['id.server.', identifier],
    ['hostname.bind.', identifier],
  ];
  return new Map(texts.flatMap(([qname, text]) => (text === null ? [] : [[qname, chaosBody(text)] as const])));
}

function chaosBody(text: string): Body {
  const parsed = parseTxt([text]);
  return parsed.ok ? recordBody(encodeRecord(parsed.value, 0, CLASS_CH)) : REFUSED;
}
