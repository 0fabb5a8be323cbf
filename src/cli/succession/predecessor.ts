/** The successor's side of a succession: the failoverd that runs with the database already. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Channel,
  createChannel,
  type FromIncumbent,
  type FromSuccessor,
  type Hello,
  PROTOCOL,
  socketNameOf,
} from './channel.ts';

/** It says hello at once, but for a control plane that is busy for a moment. */
const HELLO_WITHIN_MS = 3_000;

export interface Predecessor {
  readonly hello: Hello;
  /** Asks it to stop deciding, to write what it knows and to give back its lease. @returns why it does not; null when it has. */
  take(): Promise<string | null>;
  /** Tells it that its place is taken, so that it drains its sockets and ends. */
  answering(): void;
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
  /** Leaves it its place. */
  leave(): void;
}

/** @returns null when nobody says hello there */
export async function meetPredecessor(database: string): Promise<Predecessor | null> {
  const socket = await reach(database);
  if (!socket) return null;
  const channel: Channel<FromIncumbent, FromSuccessor> = createChannel(socket);
  const hello = await Promise.race([channel.next(), sleep(HELLO_WITHIN_MS, null, { ref: false })]);
  if (hello?.kind !== 'hello' || hello.protocol !== PROTOCOL) {
    channel.close();
    return null;
  }
  return {
    hello,
    async take() {
      channel.send({ kind: 'take' });
      const reply = await channel.next();
      if (reply?.kind === 'released') return null;
      return reply?.kind === 'refused' ? reply.reason : 'it ended meanwhile';
    },
    answering: () => channel.send({ kind: 'answering' }),
    ended: new Promise((resolve) => socket.once('close', () => resolve())),
    leave: channel.close,
  };
}

async function reach(database: string): Promise<Socket | null> {
  try {
    const { name, forget } = socketNameOf(database);
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect(name, () => resolve(socket)).once('error', reject);
      });
    } finally {
      forget();
    }
  } catch {
    return null; // nobody listens there
  }
}
