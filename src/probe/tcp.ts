import { connect, isIP } from 'node:net';
import type { TcpCheck } from '../core/check.ts';
import { type Outcome, PASS } from '../core/outcome.ts';
import type { Attempt, Place, Probe } from './attempt.ts';
import { closedEarly } from './errors.ts';
import { type Expectation, expectation } from './expectation.ts';
import type { OpenConnection } from './sentinel.ts';

/** A TCP probe: connecting is enough, or the server must greet as expected, by itself. */
export function tcpProbe(check: TcpCheck): Probe {
  const { greeting } = check;
  const expect = expectation(greeting);
  return (attempt, place) => {
    const socket = tcpConnection(
      place,
      check,
    )(() => {
      if (greeting === null) attempt.settle(PASS);
      else attempt.enter('body');
    });
    attempt.hold(socket);
    socket.on('error', (error) => attempt.fail(error));
    if (greeting === null) return;
    socket.on('data', (chunk) => readGreeting(attempt, expect, chunk));
    socket.once('end', () => attempt.settle(endedEarly(attempt, expect)));
  };
}

/** Opens connections as the probes do. */
export function tcpConnection({ address, family }: Place, { sourceAddress, port }: TcpCheck): OpenConnection {
  const bound = sourceAddress !== null && isIP(sourceAddress) === family;
  const options = { host: address, port, ...(bound ? { localAddress: sourceAddress } : {}) };
  return (onOpen) => connect(options).once('connect', onOpen);
}

/** A greeting that does not match yet may still go on: more is waited for, until the cap or the deadline. */
function readGreeting(attempt: Attempt, expect: Expectation, chunk: Buffer): void {
  if (attempt.ended) return;
  attempt.received.add(chunk);
  const unmet = expect(attempt.received.bytes());
  if (unmet === null) attempt.settle(PASS);
  else if (attempt.received.full) attempt.settle(unmet);
  else attempt.onTimeout(unmet);
}

function endedEarly(attempt: Attempt, expect: Expectation): Outcome {
  if (attempt.received.empty) return closedEarly('body');
  return expect(attempt.received.bytes()) ?? PASS;
}
