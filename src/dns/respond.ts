/** The responder of a DNS worker: holds the zones, and turns queries into responses. */
import type { OwnerName } from '../core/name.ts';
import { applyChange, buildZone, type Zone } from '../core/zone.ts';
import type { Edns } from './additional.ts';
import { createCounters, readCounters } from './counters.ts';
import { chaosBodies, type Transport } from './policy.ts';
import { type Exchange, type ReplyOpt, writeReply } from './reply.ts';
import type { Responder, ResponderOptions } from './responder.ts';
import { judge } from './slow-path.ts';
import { MAX_DATAGRAM, SLOT_STRIDE, type UdpBatch } from './udp-socket.ts';
import { OPTION_NSID, PLAIN_UDP_OCTETS, writeUint16 } from './wire.ts';

/** The longest message over TCP: its length has 16 bits (RFC 1035 §4.2.2). */
const MAX_TCP_OCTETS = 65_535;

export function createResponder({ dns }: ResponderOptions): Responder {
  const counters = createCounters();
  const chaos = chaosBodies(dns.chaosVersion, dns.nsid);
  const nsid = dns.nsid === null ? null : nsidOption(dns.nsid);
  const opt: ReplyOpt = { udpOctets: dns.ednsSizeBytes, isDnssecOk: false, cookie: null, nsid: null };
  const tcpReply = Buffer.alloc(MAX_TCP_OCTETS);
  let zones = new Map<OwnerName, Zone>();

  const setOpt = (edns: Edns): ReplyOpt => {
    opt.isDnssecOk = edns.isDnssecOk;
    opt.nsid = edns.wantsNsid ? nsid : null;
    return opt;
  };
  /** Writes the response at `replyAt`; returns its length, 0 for none. */
  const respond = (message: Uint8Array, transport: Transport, reply: Uint8Array, replyAt: number): number => {
    const outcome = judge(message, transport, { zones, chaos, hasCookies: dns.cookies });
    if (outcome.kind === 'drop') {
      counters.drops[outcome.reason]++;
      return 0;
    }
    const { body, questionOctets, edns } = outcome;
    const limit = transport === 'tcp' ? MAX_TCP_OCTETS : udpLimit(edns, dns.ednsSizeBytes);
    const exchange: Exchange = { query: message, queryAt: 0, questionOctets, reply, replyAt, limit };
    counters.responses[body.rcode] = (counters.responses[body.rcode] ?? 0) + 1;
    return writeReply(exchange, body, edns && setOpt(edns));
  };

  return {
    handleUdp(batch: UdpBatch, count: number): void {
      counters.queries.udp += count;
      for (let i = 0; i < count; i++) {
        const at = i * SLOT_STRIDE;
        const message = batch.rx.subarray(at, at + (batch.rxLengths[i] ?? 0));
        batch.txLengths[i] = respond(message, 'udp', batch.tx, at);
      }
    },
    handleTcp(message) {
      counters.queries.tcp++;
      if (message.length > MAX_DATAGRAM) return null;
      const length = respond(message, 'tcp', tcpReply, 0);
      return length === 0 ? null : tcpReply.subarray(0, length);
    },
    load(contents) {
      zones = new Map(contents.map((content) => [content.apex, buildZone(content)]));
    },
    apply(change) {
      const zone = zones.get(change.apex);
      if (zone) zones.set(change.apex, applyChange(zone, change));
    },
    stats: () => readCounters(counters),
  };
}

/** How long a response over UDP may be: what the client takes, at least 512 octets (RFC 6891 §6.2.3), and what we send. */
function udpLimit(edns: Edns | null, ours: number): number {
  return edns ? Math.min(Math.max(edns.udpOctets, PLAIN_UDP_OCTETS), ours) : PLAIN_UDP_OCTETS;
}

/** RFC 5001 §2.3: the octets of the text. */
function nsidOption(text: string): Uint8Array {
  const octets = new TextEncoder().encode(text);
  const option = new Uint8Array(4 + octets.length);
  writeUint16(option, 0, OPTION_NSID);
  writeUint16(option, 2, octets.length);
  option.set(octets, 4);
  return option;
}
