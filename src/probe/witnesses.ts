import type { CheckSpec, EndpointSpec } from '../core/check.ts';
import type { ProbeReport } from '../core/outcome.ts';
import { type Sight, sightOf, type WitnessSpec, type WitnessStanding } from '../core/sight.ts';
import type { Clock, NextProbe, WitnessReport } from '../runtime/ports.ts';

/** No more than one round of questions in this time, however many endpoints turn suspect: witnesses belong to others. */
const ROUND_MS = 1_000;

const BASE = {
  intervalMs: 5_000,
  timeoutMs: 2_000,
  confirmMs: 1_000,
  fall: 1,
  rise: 1,
  sourceAddress: null,
  sentinel: false,
  maxBodyBytes: 4_096,
};

interface Witness {
  readonly endpoint: EndpointSpec;
  standing: WitnessStanding;
  lastProbe: ProbeReport | null;
  /** When it was last asked because of a suspect endpoint. */
  askedAtMs: number;
}

export interface WitnessesOptions {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Brings a witness's probe forward to now. */
  readonly probeNow: (endpointId: string) => void;
  readonly onSight: (sight: Sight, before: Sight) => void;
}

/**
 * The witnesses as endpoints of the prober, and what they say of its sight. A single probe decides: they must have answered
 * before the endpoint that turned suspect is confirmed down. Any HTTP response will do, for it came through the network.
 */
export class Witnesses {
  readonly #options: WitnessesOptions;
  #witnesses = new Map<string, Witness>();
  #blindWhen = Number.POSITIVE_INFINITY;
  #sight: Sight = 'clear';
  #lastRoundMs = Number.NEGATIVE_INFINITY;

  constructor(options: WitnessesOptions) {
    this.#options = options;
  }

  /** Those whose name stays keep their standing; a new one is taken to be up until it has been asked. */
  configure(specs: readonly WitnessSpec[], blindWhen: number): void {
    const next = new Map<string, Witness>();
    for (const spec of specs) {
      const endpoint = endpointOf(spec);
      const known = this.#witnesses.get(endpoint.id);
      next.set(
        endpoint.id,
        known ?? { endpoint, standing: { last: 'up', asked: false }, lastProbe: null, askedAtMs: 0 },
      );
    }
    this.#witnesses = next;
    this.#blindWhen = blindWhen;
    this.#update();
  }

  get endpoints(): readonly EndpointSpec[] {
    return [...this.#witnesses.values()].map(({ endpoint }) => endpoint);
  }

  get sight(): Sight {
    return this.#sight;
  }

  reports(): readonly WitnessReport[] {
    return [...this.#witnesses.values()].map(({ endpoint, standing, lastProbe }) => ({
      witness: endpoint.id.replace(/^witness |[?#].*$/g, ''),
      status: lastProbe === null ? 'unknown' : standing.last,
      lastProbe,
    }));
  }

  has(endpointId: string): boolean {
    return this.#witnesses.has(endpointId);
  }

  /** Asks all of them at once, because an endpoint has turned suspect. */
  ask(): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#witnesses.size === 0 || nowMs - this.#lastRoundMs < ROUND_MS) return;
    this.#lastRoundMs = nowMs;
    for (const [id, witness] of this.#witnesses) {
      // A question that is open stays the one that is answered: asked anew every second, a slow answer would never count.
      if (!witness.standing.asked) witness.askedAtMs = nowMs;
      witness.standing = { last: witness.standing.last, asked: true };
      this.#options.probeNow(id);
    }
    this.#update();
  }

  /** Takes a witness's report; one that is down is asked again soon. */
  report(report: ProbeReport): NextProbe {
    const { endpointId, outcome, startedAtMs } = report;
    const witness = this.#witnesses.get(endpointId);
    if (witness === undefined) return 'interval';
    witness.lastProbe = report;
    const { last, asked } = witness.standing;
    // A pass that began before the question does not answer it, a fail does: the network was away, and another probe follows at once.
    if (asked && startedAtMs < witness.askedAtMs && outcome.outcome !== 'fail') return 'interval';
    const found = outcome.outcome === 'pass' ? 'up' : 'down';
    witness.standing = { last: outcome.outcome === 'inconclusive' ? last : found, asked: false };
    this.#update();
    return witness.standing.last === 'down' ? 'confirm' : 'interval';
  }

  #update(): void {
    const before = this.#sight;
    const standings = [...this.#witnesses.values()].map(({ standing }) => standing);
    this.#sight = sightOf(before, standings, this.#blindWhen);
    if (this.#sight !== before) this.#options.onSight(this.#sight, before);
  }
}

/** The host stands in the address's place until {@link Names} knows better. */
function endpointOf({ name, check }: WitnessSpec): EndpointSpec {
  const id = `witness ${name}`;
  if (check.kind === 'tcp') {
    const spec: CheckSpec = { ...BASE, kind: 'tcp', port: check.port, greeting: null };
    return { id, address: check.host, family: 4, check: spec };
  }
  const { hostname } = new URL(check.url);
  const spec: CheckSpec = {
    ...BASE,
    kind: 'http',
    url: check.url,
    port: null,
    host: null,
    method: 'GET',
    headers: {},
    expectStatus: [{ from: 100, to: 599 }],
    expectBody: null,
    tls: { verify: true, serverName: null, ca: null, cert: null, key: null },
  };
  return { id, address: hostname.replace(/^\[|\]$/g, ''), family: 4, check: spec };
}
