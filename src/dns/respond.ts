/** The responder of a DNS worker: the fast path for what it knows, the slow path for all else. */
import { createAnswerTable } from './answer-table.ts';
import type { Body } from './body.ts';
import { createCounters, type DropReason, readCounters } from './counters.ts';
import { ADDRESS_OCTETS } from './peer-address.ts';
import { createPlainQuery, readPlainQuery } from './plain-query.ts';
import { chaosBodies, lookupBody } from './policy.ts';
import type { Responder, ResponderOptions } from './responder.ts';
import { createSender, MAX_TCP_OCTETS, type PeerExchange } from './sender.ts';
import { type JudgePolicy, judge, type Outcome } from './slow-path.ts';
import { fillMessages, fitInOne } from './transfer.ts';
import { createTransferPolicy } from './transfer-policy.ts';
import { MAX_DATAGRAM, PEER_STRIDE, SLOT_STRIDE } from './udp-socket.ts';
import { HEADER_OCTETS, QUESTION_TAIL_OCTETS } from './wire.ts';

type TransferOutcome = Extract<Outcome, { kind: 'transfer' }>;

export function createResponder(options: ResponderOptions): Responder {
  const { dns, clock } = options;
  const counters = createCounters();
  const answers = createAnswerTable();
  const sender = createSender(options, counters);
  const policy: JudgePolicy = {
    answer: (question, message) => {
      const known = answers.find(message, HEADER_OCTETS, question.end - QUESTION_TAIL_OCTETS, question.qtype);
      return known ?? lookupBody(answers.zones, question);
    },
    chaos: chaosBodies(dns.chaosVersion, dns.nsid),
    hasCookies: dns.cookies,
    zones: answers.zones,
    transfers: createTransferPolicy(dns.transfer, options.clock.epochMs),
  };
  const tcpReply = Buffer.alloc(MAX_TCP_OCTETS);
  // One of each for all queries: the fast path makes no garbage.
  const plain = createPlainQuery();
  const exchange = emptyExchange(tcpReply);

  const drop = (reason: DropReason): number => {
    counters.drops[reason]++;
    return 0;
  };
  /** Answers the message of so many octets that the exchange points to; null: only the slow path can. */
  const respondFast = (octets: number): number | null => {
    const { query, queryAt } = exchange;
    if (!readPlainQuery(plain, query, queryAt, octets)) return null;
    const nameAt = queryAt + HEADER_OCTETS;
    const body = answers.find(query, nameAt, plain.nameEnd, plain.qtype);
    exchange.questionOctets = plain.nameEnd - nameAt + QUESTION_TAIL_OCTETS;
    return body ? sender.send(exchange, body, plain.hasOpt ? plain.edns : null) : null;
  };
  const judgeSlowly = (octets: number): Outcome => {
    const { peers, peerAt, queryAt } = exchange;
    exchange.query = exchange.query.subarray(queryAt, queryAt + octets);
    exchange.queryAt = 0;
    const peer = peers.subarray(peerAt, peerAt + ADDRESS_OCTETS);
    const outcome = judge(exchange.query, { transport: exchange.isUdp ? 'udp' : 'tcp', peer }, policy);
    if (outcome.kind !== 'drop') exchange.questionOctets = outcome.questionOctets;
    return outcome;
  };
  const sendOutcome = (outcome: Outcome): number => {
    if (outcome.kind === 'drop') return drop(outcome.reason);
    const { edns, signature } = outcome;
    const body = outcome.kind === 'reply' ? outcome.body : datagramOf(outcome);
    return sender.send(exchange, body, edns, signature);
  };
  const datagramOf = (outcome: TransferOutcome): Body =>
    fitInOne(outcome, outcome.questionOctets, sender.room(exchange, outcome.edns, outcome.signature));
  const startStream = (outcome: TransferOutcome): Iterable<Uint8Array> => {
    const { query, peers } = exchange;
    // Copies, as the socket's memory is only lent.
    return streamOf(outcome, { ...exchange, query: new Uint8Array(query), peers: new Uint8Array(peers) });
  };
  /** A transfer, one message whenever one is drawn, whatever is answered or published meanwhile. */
  function* streamOf(outcome: TransferOutcome, own: PeerExchange): Iterable<Uint8Array> {
    for (const body of fillMessages(outcome, outcome.questionOctets)) {
      sender.tick();
      yield tcpReply.subarray(0, sender.send(own, body, outcome.edns, outcome.signature));
    }
  }

  return {
    handleUdp(batch, count) {
      const startedMs = sender.tick();
      counters.queries.udp += count;
      exchange.isUdp = true;
      exchange.reply = batch.tx;
      exchange.peers = batch.peers;
      for (let i = 0; i < count; i++) {
        exchange.query = batch.rx;
        exchange.queryAt = exchange.replyAt = i * SLOT_STRIDE;
        exchange.peerAt = i * PEER_STRIDE;
        const octets = batch.rxLengths[i] ?? 0;
        batch.txLengths[i] = respondFast(octets) ?? sendOutcome(judgeSlowly(octets));
      }
      counters.latency.count(clock.nowMs() - startedMs, count);
    },
    handleTcp(message, peer) {
      const startedMs = sender.tick();
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
      if (message.length > MAX_DATAGRAM) drop('long');
      const length = message.length > MAX_DATAGRAM ? 0 : respondFast(message.length);
      const outcome = length === null ? judgeSlowly(message.length) : null;
      if (outcome?.kind === 'transfer') return startStream(outcome);
      const octets = outcome ? sendOutcome(outcome) : length;
      counters.latency.count(clock.nowMs() - startedMs, 1);
      return octets ? tcpReply.subarray(0, octets) : null;
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
