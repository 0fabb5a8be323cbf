/** Messages over a stream: each after its length in two octets (RFC 1035 §4.2.2), however the stream is chopped. */
import { MAX_DATAGRAM } from './udp-socket.ts';

/** The largest query that is looked at; who announces a longer one is not served any further. */
export const MAX_QUERY = MAX_DATAGRAM;

const PREFIX = 2;
const NOTHING = Buffer.alloc(0);

export interface Framer {
  /** Takes over what was received. */
  push(chunk: Buffer): void;
  /** The next whole message, valid as long as the chunk; `too_long` for ever once more than {@link MAX_QUERY} octets are announced. */
  next(): Buffer | 'incomplete' | 'too_long';
  /** Octets that wait to be taken. */
  readonly buffered: number;
}

export function createFramer(): Framer {
  let rest: Buffer = NOTHING;
  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    },
    next() {
      const length = rest.length < PREFIX ? null : rest.readUInt16BE(0);
      if (length !== null && length > MAX_QUERY) return 'too_long';
      if (length === null || rest.length < PREFIX + length) {
        if (rest.buffer.byteLength > Buffer.poolSize) rest = Buffer.from(rest); // a few octets must not keep a whole chunk
        return 'incomplete';
      }
      const message = rest.subarray(PREFIX, PREFIX + length);
      rest = rest.subarray(PREFIX + length);
      return message;
    },
    get buffered() {
      return rest.length;
    },
  };
}
