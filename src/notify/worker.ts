/** The thread that delivers: whatever a receiver does to it, the probes do not feel it. */
import { parentPort } from 'node:worker_threads';
import type { Answer, Order } from './courier.ts';
import { post } from './http.ts';
import type { Delivered, Message } from './message.ts';

if (parentPort === null) throw new Error('src/notify/worker.ts runs as a worker thread only');
const port = parentPort;

port.on('message', async ({ ticket, message }: Order) => {
  port.postMessage({ ticket, result: await deliver(message) } satisfies Answer);
});

async function deliver(message: Message): Promise<Delivered> {
  if (message.kind === 'http') return post(message);
  const { sendMail } = await import('./mail.ts'); // most of the code, for those who have mail
  return sendMail(message);
}
