/** What the header alone decides, before anything else of a message is looked at. */
import { FLAG_QR, HEADER_OCTETS, OPCODE_MASK, OPCODE_NOTIFY, OPCODE_QUERY, readUint16 } from './wire.ts';

/** An OPT and a TSIG: no query has reason to carry more. */
const MAX_ADDITIONALS = 2;

/**
 * - `short`: no whole header, `qr`: a response. Neither is answered: an answer to an answer could go on for ever.
 * - `notimp`: an opcode that is not served (RFC 8906 §3.1.4)
 * - `notify`: NOTIFY, which only a secondary would act on
 * - `formerr`: counts that no query has
 * - `query`: may be read on
 */
export type HeaderVerdict = 'short' | 'qr' | 'notimp' | 'notify' | 'formerr' | 'query';

/** Judges a message by its header. */
export function inspectHeader(message: Uint8Array): HeaderVerdict {
  if (message.length < HEADER_OCTETS) return 'short';
  const flags = message[2] ?? 0;
  if (flags & FLAG_QR) return 'qr';
  const opcode = (flags & OPCODE_MASK) >> 3;
  if (opcode === OPCODE_NOTIFY) return 'notify';
  if (opcode !== OPCODE_QUERY) return 'notimp';
  return hasCountsOfQuery(message) ? 'query' : 'formerr';
}

/**
 * One question at most (RFC 9619); none only asks for a cookie (RFC 7873 §5.4). No answer; one authority record at most,
 * which is an IXFR's (RFC 1995 §3).
 */
function hasCountsOfQuery(message: Uint8Array): boolean {
  const { questions, answers, authorities, additionals } = countsOf(message);
  return questions <= 1 && answers === 0 && authorities <= questions && additionals <= MAX_ADDITIONALS;
}

export interface Counts {
  readonly questions: number;
  readonly answers: number;
  readonly authorities: number;
  readonly additionals: number;
}

export function countsOf(message: Uint8Array): Counts {
  return {
    questions: readUint16(message, 4),
    answers: readUint16(message, 6),
    authorities: readUint16(message, 8),
    additionals: readUint16(message, 10),
  };
}
