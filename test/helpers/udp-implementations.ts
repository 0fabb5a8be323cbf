import { batchedAvailable, openBatchedUdpSocket } from '../../src/dns/udp-batched.ts';
import type { OpenUdpSocket } from '../../src/dns/udp-socket.ts';

/** What the contract of udp-socket.ts is tested on. `skip` says why an implementation cannot be here. */
export const implementations: readonly { kind: 'batched' | 'dgram'; open: OpenUdpSocket; skip: string | false }[] = [
  { kind: 'batched', open: openBatchedUdpSocket, skip: whyNotBatched() },
];

function whyNotBatched(): string | false {
  const availability = batchedAvailable();
  return availability.available ? false : availability.reason;
}
