/** The responder of a DNS worker: the fast path for what it knows, the slow path for all else. */
import { createAnswerTable } from './answer-table.ts';
import { createCounters, type DropReason, readCounters } from './counters.ts';
import { createPlainQuery, readPlainQuery } from './plain-query.ts';
import { chaosBodies, lookupBody, type Policy } from './policy.ts';
import type { Responder, ResponderOptions } from './responder.ts';
import { createSender, MAX_TCP_OCTETS, type PeerExchange } from './sender.ts';
import { judge } from './slow-path.ts';
import { MAX_DATAGRAM, PEER_STRIDE, SLOT_STRIDE } from './udp-socket.ts';
import { HEADER_OCTETS, QUESTION_TAIL_OCTETS } from './wire.ts';

export function createResponder(options: ResponderOptions): Responder {
  const { dns } = options;
  const counters = createCounters();
  const answers = createAnswerTable();
  const sender = createSender(options, counters);
  const policy: Policy = {
    answer: (question, message) => {
      const known = answers.find(message, HEADER_OCTETS, question.end - QUESTION_TAIL_OCTETS, question.qtype);
      return known ?? lookupBody(answers.zones, question);
    },
    chaos: chaosBodies(dns.chaosVersion, dns.nsid),
    hasCookies: dns.cookies,
  };
  const tcpReply = Buffer.alloc(MAX_TCP_OCTETS);
  // One of each for all queries: the fast path makes no garbage.
  const plain = createPlainQuery();
  const exchange = emptyExchange(tcpReply);

  const drop = (reason: DropReason): number => {
    counters.drops[reason]++;
    return 0;
  };
  /** Answers the message of so many octets that the exchange points to. */
  const respond = (octets: number): number => {
    const { query, queryAt } = exchange;
    if (readPlainQuery(plain, query, queryAt, octets)) {
      const nameAt = queryAt + HEADER_OCTETS;
      const body = answers.find(query, nameAt, plain.nameEnd, plain.qtype);
      exchange.questionOctets = plain.nameEnd - nameAt + QUESTION_TAIL_OCTETS;
      if (body) return sender.send(exchange, body, plain.hasOpt ? plain.edns : null);
    }
    return respondSlowly(octets);
  };
  const respondSlowly = (octets: number): number => {
    exchange.query = exchange.query.subarray(exchange.queryAt, exchange.queryAt + octets);
    exchange.queryAt = 0;
    const outcome = judge(exchange.query, exchange.isUdp ? 'udp' : 'tcp', policy);
    if (outcome.kind === 'drop') return drop(outcome.reason);
    exchange.questionOctets = outcome.questionOctets;
    return sender.send(exchange, outcome.body, outcome.edns);
  };

  return {
    handleUdp(batch, count) {
      sender.tick();
      counters.queries.udp += count;
      exchange.isUdp = true;
      exchange.reply = batch.tx;
      exchange.peers = batch.peers;
      for (let i = 0; i < count; i++) {
        exchange.query = batch.rx;
        exchange.queryAt = exchange.replyAt = i * SLOT_STRIDE;
        exchange.peerAt = i * PEER_STRIDE;
        batch.txLengths[i] = respond(batch.rxLengths[i] ?? 0);
      }
    },
    handleTcp(message, peer) {
      sender.tick();
      counters.queries.tcp++;
      Object.assign(exchange, {
        isUdp: false,
        query: message,
        queryAt: 0,
        peers: peer,
        peerAt: 0,
        reply: tcpReply,
        replyAt: 0,
      });
      const length = message.length > MAX_DATAGRAM ? drop('long') : respond(message.length);
      return length === 0 ? null : tcpReply.subarray(0, length);
    },
    load: answers.load,
    apply: answers.apply,
    stats: () => readCounters(counters),
  };
}

function emptyExchange(octets: Uint8Array): PeerExchange {
  return {
    isUdp: false,
    query: octets,
    queryAt: 0,
    questionOctets: 0,
    peers: octets,
    peerAt: 0,
    reply: octets,
    replyAt: 0,
  };
}
