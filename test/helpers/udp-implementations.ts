import { batchedAvailable, openBatchedUdpSocket } from '../../src/dns/udp-batched.ts';
import { openDgramUdpSocket } from '../../src/dns/udp-dgram.ts';
import type { OpenUdpSocket } from '../../src/dns/udp-socket.ts';

export interface UdpImplementation {
  readonly kind: 'batched' | 'dgram';
  readonly open: OpenUdpSocket;
  /** Why it cannot be here. */
  readonly skip: string | false;
  /** Why a wildcard address does not reply from the address that was asked. */
  readonly skipWildcard: string | false;
}

/** What the contract of udp-socket.ts is tested on. */
export const implementations: readonly UdpImplementation[] = [
  { kind: 'batched', open: openBatchedUdpSocket, skip: whyNotBatched(), skipWildcard: false },
  { kind: 'dgram', open: openDgramUdpSocket, skip: false, skipWildcard: 'node:dgram cannot choose the source address' },
];

function whyNotBatched(): string | false {
  const availability = batchedAvailable();
  return availability.available ? false : availability.reason;
}
