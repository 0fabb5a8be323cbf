/** Everything that can be measured, in the order of the table. */
import path from 'node:path';
import { batchedAvailable } from '../src/dns/udp-batched.ts';
import { compile } from './compile.ts';
import { failoverd } from './failoverd.ts';
import { type Contender, peers } from './peers.ts';

/** A server of ours, run by this very Node. */
function node(name: string, script: string, absent: string | null = null): Contender {
  const file = path.join(import.meta.dirname, 'servers', script);
  return { name, absent, command: ({ port, records }) => [process.execPath, file, `${port}`, `${records}`] };
}

/** The data plane with a control plane that does nothing but flip a record so many times a second. */
function dataPlane(name: string, flipsPerSecond: number): Contender {
  const file = path.join(import.meta.dirname, 'servers/data-plane.ts');
  const command: Contender['command'] = ({ port, records, workers }) =>
    [process.execPath, file, port, records, workers, flipsPerSecond].map(String);
  return { name, absent: null, isExtra: true, command };
}

function whyNotBatched(): string | null {
  const availability = batchedAvailable();
  return availability.available ? null : availability.reason;
}

export const contenders: readonly Contender[] = [
  { name: 'c-echo', absent: null, command: ({ port }) => [compile('echo'), `${port}`] },
  failoverd('failoverd', 'batched', whyNotBatched()),
  failoverd('failoverd-dgram', 'dgram', null),
  node('batched-echo', 'socket-echo.ts', whyNotBatched()),
  node('dgram-echo', 'dgram-echo.ts'),
  node('dns2', 'dns2.ts'),
  ...peers,
  dataPlane('data-plane', 0),
  dataPlane('data-plane-flips', 10),
];
