/** A lean client that watches one answer on the wire: a query every few milliseconds, one comparison for each response. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { encodeQuery } from './queries.ts';

const ASK_EVERY_MS = 2;
/** Where RCODE stands, and ANCOUNT (RFC 1035 §4.1.1). */
const FLAGS_AT = 3;
const ANCOUNT_AT = 6;

export interface AnswerWatch {
  /**
   * Settles with the time ({@link performance.now}) at which a response came that answers this address alone.
   * @throws when none has come within the limit.
   */
  until(address: string, limitMs: number): Promise<number>;
  /** Every different answer since the start, oldest first: addresses, or `rcode 5`. */
  readonly seen: readonly string[];
  close(): void;
}

/** Without EDNS and with a single A record, its address is the end of the response. */
function answerIn(response: Buffer): string {
  const rcode = (response[FLAGS_AT] ?? 0) & 15;
  const count = response.readUInt16BE(ANCOUNT_AT);
  return rcode === 0 && count === 1 ? response.subarray(-4).join('.') : `rcode ${rcode}, ${count} records`;
}

export async function watchAnswer(port: number, name: string): Promise<AnswerWatch> {
  const socket = dgram.createSocket('udp4');
  const query = encodeQuery(name, 'A', false);
  const seen: string[] = [];
  let listener = (_answer: string): void => {};
  socket.on('message', (response) => {
    const answer = answerIn(response);
    if (seen.at(-1) !== answer) seen.push(answer);
    listener(answer);
  });
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const asking = setInterval(() => socket.send(query), ASK_EVERY_MS);
  return {
    seen,
    until: (address, limitMs) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(
          () => reject(new Error(`${name} does not answer ${address} within ${limitMs} ms; seen: ${seen.join(', ')}`)),
          limitMs,
        );
        listener = (answer) => {
          if (answer !== address) return;
          clearTimeout(limit);
          resolve(performance.now());
        };
      }),
    close() {
      clearInterval(asking);
      socket.close();
    },
  };
}
