/** Talks to secondaries over UDP: NOTIFY (RFC 1996), and the question for the serial that they serve. */
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { nameToWire, type OwnerName } from '../core/name.ts';
import { TYPE_CODES } from '../core/rr.ts';
import type { Clock, SecondaryAddress, SecondaryClient, SecondaryReply } from '../runtime/ports.ts';
import { readAdditional } from './additional.ts';
import { endOfQuestion, exchangeUdp } from './exchange.ts';
import { type Counts, countsOf } from './header.ts';
import { readTsig, signRequest, verifyResponse } from './tsig.ts';
import {
  CLASS_IN,
  FLAG_AA,
  HEADER_OCTETS,
  OPCODE_NOTIFY,
  OPCODE_QUERY,
  QUESTION_TAIL_OCTETS,
  RCODE,
  rcodeName,
  writeUint16,
} from './wire.ts';

const REPLY_WITHIN_MS = 2000;
/** Exchanges that are under way at once. */
const MAX_EXCHANGES = 64;

export interface SecondaryClientDeps {
  readonly clock: Clock;
  /** Where failoverd listens: secondaries expect its NOTIFY from there. */
  readonly listen: () => readonly { readonly host: string }[];
}

export function createSecondaryClient({ clock, listen }: SecondaryClientDeps): SecondaryClient {
  const waiting: (() => void)[] = [];
  let free = MAX_EXCHANGES;

  const ask = async (to: SecondaryAddress, request: Uint8Array): Promise<SecondaryReply<Uint8Array>> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await exchangeUdp(to, request, {
        clock,
        withinMs: REPLY_WITHIN_MS,
        source: sourceFor(to.address, listen()),
      });
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };

  return {
    async notify(to, zone) {
      const plain = question(zone, OPCODE_NOTIFY);
      const nowSeconds = (): number => Math.floor(clock.epochMs() / 1000);
      const signed = to.key === null ? null : signRequest(plain, to.key, nowSeconds());
      const reply = await ask(to, signed?.message ?? plain);
      if (!reply.ok) return reply;
      const rcode = (reply.value[3] ?? 0) & 0x0f;
      if (rcode !== RCODE.NOERROR) return { ok: false, reason: `NOTIFY was answered with ${rcodeName(rcode)}` };
      const isTheirs = !to.key || !signed || isSignedReply(reply.value, to.key, signed.mac, nowSeconds());
      return isTheirs
        ? { ok: true, value: null }
        : { ok: false, reason: 'the reply to NOTIFY is not signed as it should be' };
    },
    async serial(to, zone) {
      const reply = await ask(to, question(zone, OPCODE_QUERY));
      if (!reply.ok) return reply;
      const rcode = (reply.value[3] ?? 0) & 0x0f;
      const serial = rcode === RCODE.NOERROR ? serialIn(reply.value) : null;
      if (serial !== null) return { ok: true, value: serial };
      return { ok: false, reason: `it does not serve the zone (${rcodeName(rcode)})` };
    },
  };
}

/** The address that we listen on, of the secondary's family; undefined: the system chooses. */
function sourceFor(address: string, listen: readonly { readonly host: string }[]): string | undefined {
  const hosts = listen.map(({ host }) => host).filter((host) => isIPv6(host) === isIPv6(address));
  const isLoopback = (host: string): boolean => host.startsWith('127.') || host === '::1';
  const usable = hosts.filter((host) => isLoopback(host) === isLoopback(address));
  return usable.find((host) => host !== '0.0.0.0' && host !== '::');
}

/** A question for the zone's SOA; AA says in a NOTIFY that it comes from the primary (RFC 1996 §4.7). */
function question(zone: OwnerName, opcode: number): Uint8Array {
  const name = nameToWire(zone);
  const message = new Uint8Array(HEADER_OCTETS + name.length + QUESTION_TAIL_OCTETS);
  writeUint16(message, 0, randomInt(65_536));
  message[2] = (opcode << 3) | (opcode === OPCODE_NOTIFY ? FLAG_AA : 0);
  writeUint16(message, 4, 1);
  message.set(name, HEADER_OCTETS);
  writeUint16(message, HEADER_OCTETS + name.length, TYPE_CODES.SOA);
  writeUint16(message, HEADER_OCTETS + name.length + 2, CLASS_IN);
  return message;
}

function isSignedReply(
  reply: Uint8Array,
  key: NonNullable<SecondaryAddress['key']>,
  mac: Uint8Array,
  nowSeconds: number,
): boolean {
  const { answers: answerCount, authorities, additionals, questions } = countsOf(reply);
  const start = questions === 0 ? HEADER_OCTETS : endOfQuestion(reply);
  const counts = { questions, answers: 0, authorities: answerCount + authorities, additionals };
  const { tsigAt, isDamaged } = readAdditional(reply, start, counts);
  const tsig = tsigAt > 0 && !isDamaged ? readTsig(reply, tsigAt) : null;
  return tsig !== null && verifyResponse(reply, tsig, key, mac, nowSeconds);
}

/** The serial of the one SOA that answers. */
function serialIn(reply: Uint8Array): number | null {
  const { questions, answers: answerCount } = countsOf(reply);
  if (questions !== 1 || answerCount !== 1) return null;
  const soaOnly: Counts = { questions, answers: 0, authorities: 1, additionals: 0 };
  return readAdditional(reply, endOfQuestion(reply), soaOnly).serial;
}
