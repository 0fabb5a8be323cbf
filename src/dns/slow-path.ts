/** Answers any message: every check that a query can fail, one after the other. */
import { type Additional, type Edns, readAdditional } from './additional.ts';
import { type Body, emptyBody } from './body.ts';
import { isCookieLength } from './cookies.ts';
import type { DropReason } from './counters.ts';
import { countsOf, inspectHeader } from './header.ts';
import { bodyFor, type Policy, type Transport } from './policy.ts';
import { type Question, readQuestion } from './question.ts';
import { HEADER_OCTETS, RCODE, TYPE_IXFR } from './wire.ts';

/** What is to be sent, or why nothing is. */
export type Outcome =
  | { readonly kind: 'drop'; readonly reason: DropReason }
  | {
      readonly kind: 'reply';
      readonly body: Body;
      /** Octets of the question that the response repeats. */
      readonly questionOctets: number;
      /** The query's OPT: the response has one too. */
      readonly edns: Edns | null;
    };

const NOTIMP = emptyBody(RCODE.NOTIMP);
const FORMERR = emptyBody(RCODE.FORMERR);
const NOTAUTH = emptyBody(RCODE.NOTAUTH);
const BADVERS = emptyBody(RCODE.BADVERS);
const NOERROR = emptyBody(RCODE.NOERROR);

/** Decides what a message gets. Never throws, whatever the octets. */
export function judge(message: Uint8Array, transport: Transport, policy: Policy): Outcome {
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
      return judgeQuery(message, transport, policy);
  }
}

function reply(body: Body, questionOctets = 0, edns: Edns | null = null): Outcome {
  return { kind: 'reply', body, questionOctets, edns };
}

function judgeQuery(message: Uint8Array, transport: Transport, policy: Policy): Outcome {
  const counts = countsOf(message);
  const question = readQuestion(message);
  if (counts.questions === 1 && !question) return reply(FORMERR);
  const asked = counts.questions === 1 ? question : null;
  const end = asked?.end ?? HEADER_OCTETS;
  const additional = readAdditional(message, end, counts);
  const isWhole = !additional.isDamaged && (counts.authorities === 0 || asked?.qtype === TYPE_IXFR);
  const body = isWhole ? bodyOfQuery(asked, additional, message, transport, policy) : FORMERR;
  return reply(body, end - HEADER_OCTETS, additional.edns);
}

function bodyOfQuery(
  question: Question | null,
  { edns, hasTsig }: Additional,
  message: Uint8Array,
  transport: Transport,
  policy: Policy,
): Body {
  if (edns && edns.version > 0) return BADVERS;
  const hasCookie = policy.hasCookies && edns !== null && edns.cookieAt > 0;
  if (hasCookie && !isCookieLength(edns.cookieOctets)) return FORMERR;
  // Only a cookie is asked for (RFC 7873 §5.4).
  if (!question) return hasCookie ? NOERROR : FORMERR;
  // No key is known here (RFC 8945 §5.2).
  if (hasTsig) return NOTAUTH;
  return bodyFor(question, message, transport, policy);
}
