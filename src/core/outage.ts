/** A change of the answer as its clients met it: from the last moment at which all was well to the last one that was misled. */

/** All in wall time, milliseconds since the epoch; null: not known. */
export interface ChangeTimes {
  /** The start of the last good probe of what failed; null where nothing did. */
  readonly lastGoodMs: number | null;
  /** When the answer was handed to the DNS workers. */
  readonly publishedMs: number | null;
  /** When each secondary was seen to answer with it. */
  readonly servedMs: readonly (number | null)[];
  readonly ttlSeconds: number;
}

export interface Followed {
  /** From then on no client that honours the TTL had the answer of before, whichever name server it asked; null: not known. */
  readonly movedByMs: number | null;
  /** From the last good probe to then: no client was without service for longer; null: not known, or nothing failed. */
  readonly atMostMs: number | null;
}

/** A resolver may have fetched the answer of before in the last moment, from the name server that was the last to change. */
export function followedBy({ lastGoodMs, publishedMs, servedMs, ttlSeconds }: ChangeTimes): Followed {
  const changes = [publishedMs, ...servedMs];
  if (changes.some((ms) => ms === null)) return { movedByMs: null, atMostMs: null };
  const movedByMs = Math.max(...changes.map(Number)) + ttlSeconds * 1000;
  return { movedByMs, atMostMs: lastGoodMs === null ? null : movedByMs - lastGoodMs };
}
