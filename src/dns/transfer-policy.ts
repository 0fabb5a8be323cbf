/** Who may transfer which zone, and whose signature a request carries. */
import type { OwnerName } from '../core/name.ts';
import type { TransferOptions } from '../runtime/ports.ts';
import { writeAddress } from './peer.ts';
import { ADDRESS_OCTETS } from './peer-address.ts';
import { readTsig, type TsigKey, type Verdict, verifyRequest } from './tsig.ts';

export interface TransferPolicy {
  /** Checks the TSIG record that begins at `tsigAt`. */
  verify(message: Uint8Array, tsigAt: number): Verdict;
  /**
   * Whether a peer may have a zone: it is listed, and where its entry names a key, the request was signed with that.
   * @param key the key that the request was signed with; null: with none.
   */
  mayTransfer(zone: OwnerName, peer: Uint8Array, key: OwnerName | null): boolean;
}

const NOBODY: TransferOptions = { keys: [], secondaries: [] };

export function createTransferPolicy(options: TransferOptions | undefined, epochMs: () => number): TransferPolicy {
  const { keys, secondaries } = options ?? NOBODY;
  const byName = new Map<OwnerName, TsigKey>(keys.map((key) => [key.name, key]));
  const listed = Map.groupBy(secondaries, ({ zone, address }) => `${zone} ${addressKey(octetsOf(address))}`);

  return {
    verify(message, tsigAt) {
      const tsig = readTsig(message, tsigAt);
      return tsig ? verifyRequest(message, tsig, byName, Math.floor(epochMs() / 1000)) : { kind: 'damaged' };
    },
    mayTransfer(zone, peer, key) {
      const entries = listed.get(`${zone} ${addressKey(peer.subarray(0, ADDRESS_OCTETS))}`) ?? [];
      return entries.some((entry) => entry.key === null || entry.key === key);
    },
  };
}

function octetsOf(address: string): Uint8Array {
  const octets = new Uint8Array(ADDRESS_OCTETS);
  writeAddress(address, octets, 0);
  return octets;
}

function addressKey(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
