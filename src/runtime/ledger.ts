import type { ZoneSpec } from '../config/config.ts';
import type { OwnerName } from '../core/name.ts';
import { applyChange, buildZone, succeed, type Zone, type ZoneChange, type ZoneContent } from '../core/zone.ts';
import type { PublishedZone } from './ports.ts';

/** The zones that have secondaries, as they were published last: what the next publication is a change of. */
export interface Ledger {
  /** Notes that a zone is published as a whole; null for one without secondaries. */
  whole(spec: ZoneSpec, content: ZoneContent): PublishedZone | null;
  /** Notes that a zone is published with a change; null for one without secondaries. */
  change(spec: ZoneSpec, change: ZoneChange): PublishedZone | null;
  /** A zone's content with its journal, when it has one. */
  withJournal(content: ZoneContent): ZoneContent;
}

/** @param restored as they were published before the restart. */
export function createLedger(restored: ReadonlyMap<OwnerName, ZoneContent>): Ledger {
  const zones = new Map<OwnerName, Zone>([...restored].map(([apex, content]) => [apex, buildZone(content)]));

  const lastDelta = (zone: Zone): PublishedZone | null => {
    const delta = zone.journal?.at(-1);
    return delta ? { zone: zone.apex, step: { kind: 'delta', delta } } : null;
  };

  return {
    whole({ apex, secondaries }, content) {
      if (secondaries.length === 0) {
        zones.delete(apex);
        return null;
      }
      const zone = succeed(zones.get(apex) ?? null, content);
      zones.set(apex, zone);
      return lastDelta(zone) ?? { zone: apex, step: { kind: 'whole', content } };
    },
    change({ apex }, change) {
      const before = zones.get(apex);
      if (!before) return null;
      const zone = applyChange(before, change);
      zones.set(apex, zone);
      return lastDelta(zone);
    },
    withJournal(content) {
      const journal = zones.get(content.apex)?.journal;
      return journal ? { ...content, journal } : content;
    },
  };
}
