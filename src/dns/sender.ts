import type { Edns } from './additional.ts';
import { type Body, emptyBody } from './body.ts';
import { createCookieServer, derivedSecrets, sharedSecrets } from './cookies.ts';
import { type Counters, countResponse } from './counters.ts';
import { createRateLimiter } from './rate-limit.ts';
import { type Exchange, type ReplyOpt, writeReply, writeTruncated } from './reply.ts';
import type { ResponderOptions } from './responder.ts';
import type { Signature } from './tsig.ts';
import { HEADER_OCTETS, OPTION_NSID, PLAIN_UDP_OCTETS, RCODE, writeUint16 } from './wire.ts';

/** The longest message over TCP: its length has 16 bits (RFC 1035 §4.2.2). */
export const MAX_TCP_OCTETS = 65_535;

/** What of a query's OPT the response depends on. */
export type ReplyEdns = Omit<Edns, 'version'>;

/** An exchange with who is asking. */
export interface PeerExchange extends Exchange {
  isUdp: boolean;
  peers: Uint8Array;
  peerAt: number;
}

export interface Sender {
  /** Looks at the clocks; to be called before each batch. @returns the monotonic time */
  tick(): number;
  /** Writes the response. @returns its length; 0 when none is to be sent. */
  send(exchange: PeerExchange, body: Body, edns: ReplyEdns | null, signature?: Signature | null): number;
  /** Octets that the records of a response have, whatever options go with them. */
  room(exchange: PeerExchange, edns: ReplyEdns | null, signature: Signature | null): number;
}

/** The most that an OPT takes beside the NSID: itself and a cookie (RFC 7873 §4). */
const OPT_OCTETS = 11 + 28;

const BADCOOKIE = emptyBody(RCODE.BADCOOKIE);

export function createSender({ dns, clock, shared }: ResponderOptions, counters: Counters): Sender {
  const limiter = createRateLimiter(dns.rateLimit, shared);
  const secrets = dns.cookieSecrets.length > 0 ? sharedSecrets(dns.cookieSecrets) : derivedSecrets(shared.seed);
  const cookies = dns.cookies ? createCookieServer(secrets) : null;
  const nsid = dns.nsid === null ? null : nsidOption(dns.nsid);
  const opt: ReplyOpt = { udpOctets: dns.ednsSizeBytes, isDnssecOk: false, cookie: null, nsid: null };
  let nowMs = 0;

  /** Sets the response's OPT. @returns whether the client's cookie is valid. */
  const setOpt = ({ query, peers, peerAt }: PeerExchange, edns: ReplyEdns): boolean => {
    const hasCookie = cookies !== null && edns.cookieAt > 0;
    opt.isDnssecOk = edns.isDnssecOk;
    opt.nsid = edns.wantsNsid ? nsid : null;
    opt.cookie = hasCookie ? cookies.option : null;
    return hasCookie && cookies.check(query, edns.cookieAt, edns.cookieOctets, peers, peerAt);
  };
  return {
    tick() {
      nowMs = clock.nowMs();
      cookies?.tick(clock.epochMs());
      return nowMs;
    },
    send(exchange, body, edns, signature = null) {
      const isKnown = (edns !== null && setOpt(exchange, edns)) || (signature !== null && signature.key !== null);
      const replyOpt = edns === null ? null : opt;
      const isLimited = exchange.isUdp && !isKnown && limiter !== null;
      const admission = isLimited ? limiter.admit(exchange.peers, exchange.peerAt, body.rateKey, nowMs) : 'pass';
      if (admission !== 'pass') return sendLimited(exchange, body, replyOpt, admission === 'slip', counters);
      countResponse(counters, body.rcode, exchange.isUdp);
      const limit = messageLimit(exchange, edns) - (signature?.octets ?? 0);
      const length = writeReply(exchange, body, replyOpt, limit);
      return signature === null ? length : signature.sign(exchange.reply, exchange.replyAt, length);
    },
    room(exchange, edns, signature) {
      const optOctets = edns === null ? 0 : OPT_OCTETS + (nsid?.length ?? 0);
      const fixed = HEADER_OCTETS + exchange.questionOctets + optOctets + (signature?.octets ?? 0);
      return messageLimit(exchange, edns) - fixed;
    },
  };

  function messageLimit({ isUdp }: PeerExchange, edns: ReplyEdns | null): number {
    return isUdp ? udpLimit(edns, dns.ednsSizeBytes) : MAX_TCP_OCTETS;
  }
}

/** Nothing; or what only a real client can go on with: TC, or the cookie to come back with (RFC 7873 §5.2.3). */
function sendLimited(
  exchange: PeerExchange,
  body: Body,
  opt: ReplyOpt | null,
  isSlip: boolean,
  counters: Counters,
): number {
  if (!isSlip) {
    counters.drops.rate_limited++;
    return 0;
  }
  const hasCookie = opt !== null && opt.cookie !== null;
  counters.slips++;
  countResponse(counters, hasCookie ? RCODE.BADCOOKIE : body.rcode, exchange.isUdp);
  return hasCookie ? writeReply(exchange, BADCOOKIE, opt, PLAIN_UDP_OCTETS) : writeTruncated(exchange, body, opt);
}

/** How long a response over UDP may be: what the client takes, at least 512 octets (RFC 6891 §6.2.3), and what we send. */
function udpLimit(edns: ReplyEdns | null, ours: number): number {
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
