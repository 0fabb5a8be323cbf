/** The incumbent's side of a succession: lets one successor at a time ask for its place. */
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { Log } from '../../runtime/ports.ts';
import {
  type Channel,
  createChannel,
  type FromIncumbent,
  type FromSuccessor,
  type Hello,
  socketNameOf,
} from './channel.ts';

export type SuccessorChannel = Channel<FromSuccessor, FromIncumbent>;

export interface Offer {
  /** No successor can come any more; the one that is there may go on. */
  close(): Promise<void>;
}

export interface OfferDeps {
  readonly database: string;
  readonly hello: () => Hello;
  /** Called with the first successor that wants the place; those that come meanwhile are refused. */
  readonly onSuccessor: (channel: SuccessorChannel) => Promise<void>;
  readonly log: Log;
}

const NO_OFFER: Offer = { close: async () => {} };

/** To be called by the holder of the lease only: what lies at the socket's path is a crashed predecessor's. */
export async function offerSuccession({ database, hello, onSuccessor, log }: OfferDeps): Promise<Offer> {
  let isBusy = false;
  const receive = async (socket: Socket): Promise<void> => {
    const channel: SuccessorChannel = createChannel(socket);
    channel.send(hello());
    const wish = await channel.next();
    if (wish?.kind !== 'take') return channel.close();
    if (isBusy) {
      channel.send({ kind: 'refused', reason: 'another one is about to take its place' });
      return channel.close();
    }
    isBusy = true;
    await onSuccessor(channel);
    isBusy = false;
  };
  try {
    const { name, forget } = socketNameOf(database);
    rmSync(name, { force: true });
    const server = createServer((socket) => void receive(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(name, resolve);
    });
    server.unref();
    return {
      close: async () => {
        await new Promise<void>((resolve) => {
          server.close();
          setImmediate(resolve); // it listens no more and its name is gone; the connections may last
        });
        forget();
      },
    };
  } catch (error) {
    log.warn({}, `"serve --replace" will not find this process: ${(error as Error).message}`);
    return NO_OFFER;
  }
}
