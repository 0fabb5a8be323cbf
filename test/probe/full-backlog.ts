import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Test } from 'tap';

/** Listens, then never accepts: its event loop waits for ever. */
const LISTENER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

/** A port whose SYNs the kernel drops: nobody accepts, and the queue of what could be accepted is full. */
export async function fullBacklog(t: Test): Promise<number> {
  const worker = new Worker(LISTENER, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const fillers: Socket[] = [];
  t.teardown(async () => {
    for (const socket of fillers) socket.destroy();
    await worker.terminate();
  });
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {});
    fillers.push(socket);
    await Promise.race([once(socket, 'connect'), pause(100)]);
    await turn(); // where this process was held up, the timer comes before the news of the socket
    if (socket.connecting) return port;
  }
}
