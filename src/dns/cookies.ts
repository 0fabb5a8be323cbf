/** DNS cookies (RFC 7873) with the server cookie on which servers of all makes agree (RFC 9018). */
import { createHmac } from 'node:crypto';
import { ADDRESS_OCTETS, IPV4_AT, isIPv4Mapped } from './peer-address.ts';
import { type SipKey, sipHash24, sipKey } from './siphash.ts';
import { createViewer, OPTION_COOKIE, readUint16, writeUint16 } from './wire.ts';

const CLIENT_COOKIE_OCTETS = 8;
/** Client cookie, version, reserved, time, hash (RFC 9018 §4). */
const COOKIE_OCTETS = 24;
const VERSION = 1;
const TIME_AT = 12;
const HASH_AT = 16;

/** Whether a COOKIE option may have so many octets: a client cookie, maybe with a server cookie of 8 to 32 (RFC 7873 §4). */
export function isCookieLength(octets: number): boolean {
  return octets === CLIENT_COOKIE_OCTETS || (octets >= 16 && octets <= 40);
}

/** RFC 9018 §4.3: a cookie is good for an hour, and for 5 minutes of clocks that differ; after half an hour it is renewed. */
const MAX_AGE_S = 3600;
const MAX_AHEAD_S = 300;
const RENEW_AGE_S = 1800;

/** The secrets of a moment: the first one signs, all of them verify. */
export type CookieSecrets = (epochS: number) => readonly SipKey[];

/** Secrets of the config, the same on all servers of an address. To roll one over, first add the new one at the end (RFC 9018 §5). */
export function sharedSecrets(hex: readonly string[]): CookieSecrets {
  const keys = hex.map((text) => sipKey(Buffer.from(text, 'hex')));
  return () => keys;
}

const PERIOD_S = 86_400;

/** The process's own secrets: a new one each day, the day's before still good. */
export function derivedSecrets(seed: Uint8Array): CookieSecrets {
  let period = -1;
  let keys: readonly SipKey[] = [];
  const derive = (day: number) => sipKey(createHmac('sha256', seed).update(`cookie ${day}`).digest().subarray(0, 16));
  return (epochS) => {
    const day = Math.floor(epochS / PERIOD_S);
    if (day !== period) keys = [derive(day), derive(day - 1)];
    period = day;
    return keys;
  };
}

export interface CookieServer {
  /** The COOKIE option of the response, whole; its content is that of the last check. */
  readonly option: Uint8Array;
  /** Sets the time; to be called before checks, as seldom as is good enough. */
  tick(epochMs: number): void;
  /**
   * Looks at a query's cookie, and puts the one to answer with into the option.
   * @param at where the option's data stands, of at least 8 octets.
   * @returns whether the client has shown before that its address is its own.
   */
  check(message: Uint8Array, at: number, octets: number, peers: Uint8Array, peerAt: number): boolean;
}

export function createCookieServer(secretsAt: CookieSecrets): CookieServer {
  const option = new Uint8Array(4 + COOKIE_OCTETS);
  writeUint16(option, 0, OPTION_COOKIE);
  writeUint16(option, 2, COOKIE_OCTETS);
  const cookie = option.subarray(4);
  /** What is hashed: the cookie up to its hash, and the client's address. */
  const input = new Uint8Array(HASH_AT + ADDRESS_OCTETS);
  const hash = new Uint8Array(8);
  const viewOf = createViewer();
  let epochS = 0;
  let secrets: readonly SipKey[] = [];

  const setAddress = (peers: Uint8Array, peerAt: number): number => {
    const from = isIPv4Mapped(viewOf(peers), peerAt) ? IPV4_AT : 0;
    for (let i = from; i < ADDRESS_OCTETS; i++) input[HASH_AT + i - from] = peers[peerAt + i] ?? 0;
    return HASH_AT + ADDRESS_OCTETS - from;
  };
  /** The secret that made the cookie; -1 when none did. */
  const findSecret = (inputOctets: number): number =>
    secrets.findIndex((secret) => {
      sipHash24(secret, input, inputOctets, hash, 0);
      return hash.every((octet, i) => octet === cookie[HASH_AT + i]);
    });
  const renew = (inputOctets: number): void => {
    cookie[CLIENT_COOKIE_OCTETS] = VERSION;
    cookie.fill(0, CLIENT_COOKIE_OCTETS + 1, TIME_AT);
    writeUint16(cookie, TIME_AT, epochS >>> 16);
    writeUint16(cookie, TIME_AT + 2, epochS & 0xffff);
    input.set(cookie.subarray(0, HASH_AT));
    const [secret] = secrets;
    if (secret) sipHash24(secret, input, inputOctets, cookie, HASH_AT);
  };

  return {
    option,
    tick(epochMs) {
      epochS = Math.floor(epochMs / 1000);
      secrets = secretsAt(epochS);
    },
    check(message, at, octets, peers, peerAt) {
      for (let i = 0; i < COOKIE_OCTETS; i++) cookie[i] = i < octets ? (message[at + i] ?? 0) : 0;
      for (let i = 0; i < HASH_AT; i++) input[i] = cookie[i] ?? 0;
      const inputOctets = setAddress(peers, peerAt);
      const hasForm = octets === COOKIE_OCTETS && cookie[CLIENT_COOKIE_OCTETS] === VERSION;
      // The seconds go round in 32 bits (RFC 1982).
      const ageS = (epochS - readUint16(cookie, TIME_AT) * 0x10000 - readUint16(cookie, TIME_AT + 2)) | 0;
      const isTimely = ageS <= MAX_AGE_S && ageS >= -MAX_AHEAD_S;
      const secret = hasForm && isTimely ? findSecret(inputOctets) : -1;
      if (secret !== 0 || ageS > RENEW_AGE_S) renew(inputOctets);
      return secret !== -1;
    },
  };
}
