/** Asks other name servers, as a resolver or a doctor does: one question, its answer read, over UDP and TCP. */
import { randomInt } from 'node:crypto';
import { nameToWire, type OwnerName } from '../core/name.ts';
import type { Clock } from '../runtime/ports.ts';
import { exchangeTcp, exchangeUdp, type Server } from './exchange.ts';
import { type Response, readResponse } from './response.ts';
import { CLASS_IN, FLAG_RD, HEADER_OCTETS, QUESTION_TAIL_OCTETS, TYPE_OPT, writeUint16 } from './wire.ts';

export type { Server } from './exchange.ts';
export { NO_ROUTE } from './exchange.ts';
export type { Response, ResponseRecord } from './response.ts';
export { rcodeName } from './wire.ts';

export interface Query {
  readonly qname: OwnerName;
  /** The type's code. */
  readonly qtype: number;
  /** Ask it to resolve the name (RD). */
  readonly recursive?: boolean;
  /** Without an OPT record. */
  readonly plain?: boolean;
}

export type Reply =
  | { readonly ok: true; readonly response: Response }
  /** In words: what came, or did not, instead of an answer. */
  | { readonly ok: false; readonly reason: string };

export interface DnsClient {
  /** Once more when nothing comes: a lost datagram is no fault. What is truncated is shown so. */
  udp(server: Server, query: Query): Promise<Reply>;
  tcp(server: Server, query: Query): Promise<Reply>;
  /** Over UDP, and over TCP where the answer is truncated. */
  ask(server: Server, query: Query): Promise<Reply>;
}

const REPLY_WITHIN_MS = 2000;
const UDP_ATTEMPTS = 2;
const EDNS_OCTETS = 1232;
const OPT_OCTETS = 11;

export function createDnsClient(clock: Clock): DnsClient {
  const options = { clock, withinMs: REPLY_WITHIN_MS };
  const udp: DnsClient['udp'] = async (server, query) => {
    for (let attempt = 1; ; attempt++) {
      const result = await exchangeUdp(server, encode(query), options);
      if (result.ok || attempt === UDP_ATTEMPTS) return result.ok ? read(result.value) : result;
    }
  };
  const tcp: DnsClient['tcp'] = async (server, query) => {
    const result = await exchangeTcp(server, encode(query), options);
    return result.ok ? read(result.value) : result;
  };
  return {
    udp,
    tcp,
    async ask(server, query) {
      const reply = await udp(server, query);
      return reply.ok && reply.response.isTruncated ? tcp(server, query) : reply;
    },
  };
}

function read(message: Uint8Array): Reply {
  const response = readResponse(message);
  return response ? { ok: true, response } : { ok: false, reason: 'it answers a damaged message' };
}

function encode({ qname, qtype, recursive = false, plain = false }: Query): Uint8Array {
  const name = nameToWire(qname);
  const end = HEADER_OCTETS + name.length + QUESTION_TAIL_OCTETS;
  const message = new Uint8Array(end + (plain ? 0 : OPT_OCTETS));
  writeUint16(message, 0, randomInt(65_536));
  message[2] = recursive ? FLAG_RD : 0;
  writeUint16(message, 4, 1);
  message.set(name, HEADER_OCTETS);
  writeUint16(message, end - 4, qtype);
  writeUint16(message, end - 2, CLASS_IN);
  if (!plain) {
    writeUint16(message, 10, 1);
    writeUint16(message, end + 1, TYPE_OPT);
    writeUint16(message, end + 3, EDNS_OCTETS);
  }
  return message;
}
