/** The keys at the top that have no section: where DNS listens, and the database. */
import * as z from 'zod';
import type { SocketAddress } from './config.ts';
import { formatHostPort } from './host-port.ts';
import { socketAddress } from './network.ts';
import type { Scope } from './scope.ts';
import { integer, text, wordOr } from './values.ts';

export const serverKeys = {
  /** Addresses for DNS, UDP and TCP alike: one, or a list. */
  listen: z
    .preprocess((raw) => (Array.isArray(raw) ? raw : [raw]), z.array(socketAddress))
    .default([
      { host: '0.0.0.0', port: 53 },
      { host: '::', port: 53 },
    ]),
  /** DNS worker threads; auto: one for each core. */
  workers: wordOr('auto', integer(1, 256)).default('auto'),
  /** The SQLite file of the history, relative to the config's folder. */
  database: text.default('./failoverd.db'),
};

/** Two sockets cannot have one address. */
export function refuseListenTwice({ report }: Scope, listen: readonly SocketAddress[]): void {
  if (listen.length === 0) report.refuse(['listen'], 'must hold at least one address');
  const written = listen.map(formatHostPort);
  written.forEach((address, i) => {
    const isTwice = written.indexOf(address) < i && listen[i]?.port !== 0;
    if (isTwice) report.error(['listen', i], `${address} is given twice`);
  });
}
