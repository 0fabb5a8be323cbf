/** The section `soa` of a zone. */
import type * as z from 'zod';
import { formatDuration } from '../core/duration.ts';
import { joinName, type OwnerName } from '../core/name.ts';
import type { RecordSpec } from '../core/record.ts';
import type { SoaPolicy } from './config.ts';
import { readFullName } from './names.ts';
import { mustBe, type Refusal } from './refusal.ts';
import type { Scope } from './scope.ts';
import type { Path } from './source.ts';
import { seconds, section, value } from './values.ts';

export const soaSchema = section({
  /** Who answers for the zone: an e-mail address, or its form as a domain name; hostmaster in the zone. */
  contact: value(readContact).exactOptional(),
  /** How secondaries keep up (RFC 1035 §3.3.13). */
  refresh: seconds('1s', '30d').default(3600),
  retry: seconds('1s', '30d').default(600),
  expire: seconds('1s', '365d').default(14 * 86_400),
  /** The TTL of negative answers; never above the lowest TTL of the zone's records. 10s, or that TTL if it is lower. */
  minimum: seconds('0s', '1h').exactOptional(),
}).prefault({});

/** RFC 1035 §8: dots before the @ are escaped. */
function readContact(raw: unknown): OwnerName | Refusal {
  if (typeof raw !== 'string') return mustBe('an e-mail address or a domain name');
  const [, local, domain] = /^([^\s@]+)@([^\s@]+)$/.exec(raw) ?? [];
  if (local === undefined || domain === undefined) {
    return raw.includes('@') ? mustBe('an e-mail address or a domain name') : readFullName(raw);
  }
  return readFullName(`${local.replace(/[\\.]/g, '\\$&')}.${domain}`);
}

const MINIMUM_DEFAULT = 10;

interface SoaPlace {
  readonly apex: OwnerName;
  readonly path: Path;
  readonly records: readonly RecordSpec[];
}

export function resolveSoa({ report }: Scope, written: z.output<typeof soaSchema>, place: SoaPlace): SoaPolicy {
  const lowest = Math.min(...place.records.map((record) => record.ttlSeconds));
  const { refresh, retry, expire, minimum = Math.min(MINIMUM_DEFAULT, lowest) } = written;
  if (minimum > lowest) {
    const [long, short] = [minimum, lowest].map((seconds) => formatDuration(seconds * 1000));
    report.error(
      [...place.path, 'minimum'],
      `minimum (${long}) must not be longer than the shortest ttl of the zone's records (${short})`,
    );
  }
  return {
    contact: written.contact ?? joinName('hostmaster', place.apex),
    refreshSeconds: refresh,
    retrySeconds: retry,
    expireSeconds: expire,
    minimumSeconds: minimum,
  };
}
