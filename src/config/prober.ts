/** The section `prober`: how much is probed at once, and how it knows that its own network works. */
import * as z from 'zod';
import type { ProberSpec, Witness } from './config.ts';
import { formatHostPort, splitHostPort } from './host-port.ts';
import { readHostName, readHttpUrl } from './network.ts';
import { mustBe, Refusal } from './refusal.ts';
import type { Scope } from './scope.ts';
import { integer, oneOf, section, value } from './values.ts';

const witness = value((raw): Witness | Refusal => {
  if (typeof raw === 'string' && /^https?:/i.test(raw)) {
    const url = readHttpUrl(raw);
    return url instanceof Refusal ? url : { name: raw, check: { kind: 'http', url } };
  }
  const parts = typeof raw === 'string' ? splitHostPort(raw) : null;
  if (!parts || parts.port === 0 || readHostName(parts.host) instanceof Refusal) {
    return mustBe('host:port or an http or https URL');
  }
  return { name: formatHostPort(parts), check: { kind: 'tcp', ...parts } };
});

export const proberSchema = section({
  /** Probes at once. */
  concurrency: integer(1, 65_535).default(512),
  /** Addresses outside both servers, host:port or a URL, that tell whether the prober's own network works. */
  witnesses: z.array(witness).default([]),
  /** So many witnesses down at once: the prober is blind. 2, or 1 where there is only one. */
  blind_when: integer(1, 100).exactOptional(),
  /** What a blind prober does: hold every answer, or trust its probes. */
  on_blind: oneOf('hold', 'trust').default('hold'),
}).prefault({});

/** The warning about a prober that cannot tell its own outage from others'. */
export const NO_WITNESSES = "no witnesses: an outage of the prober's own network will look like one of every server";

const BLIND_WHEN_DEFAULT = 2;

export function resolveProber({ report }: Scope, written: z.output<typeof proberSchema>): ProberSpec {
  const { concurrency, witnesses, on_blind: onBlind } = written;
  const count = witnesses.length;
  const blindWhen = written.blind_when ?? (count === 1 ? 1 : BLIND_WHEN_DEFAULT);
  if (count === 0) {
    report.warning(['prober'], NO_WITNESSES);
  }
  if (count > 0 && blindWhen > count) {
    report.error(['prober', 'blind_when'], `blind_when (${blindWhen}) is more than there are witnesses (${count})`);
  }
  return { concurrency, witnesses, blindWhen, onBlind };
}
