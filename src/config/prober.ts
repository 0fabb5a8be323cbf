/** The section `prober`: how much is probed at once, and how it knows that its own network works. */
import * as z from 'zod';
import type { ProberSpec, Witness } from './config.ts';
import { readHttpUrl, splitHostPort } from './network.ts';
import { integer, mustBe, oneOf, Refusal, section, value } from './values.ts';

const witness = value((raw): Witness | Refusal => {
  if (typeof raw === 'string' && /^https?:/i.test(raw)) {
    const url = readHttpUrl(raw);
    return url instanceof Refusal ? url : { name: raw, check: { kind: 'http', url } };
  }
  const parts = typeof raw === 'string' ? splitHostPort(raw) : null;
  if (!parts || parts.port === 0) return mustBe('host:port or an http or https URL');
  return { name: String(raw), check: { kind: 'tcp', ...parts } };
});

export const proberSchema = section({
  /** Probes at once. */
  concurrency: integer(1, 65_535).default(512),
  /** Addresses outside both servers, host:port or a URL, that tell whether the prober's own network works. */
  witnesses: z.array(witness).default([]),
  /** So many witnesses down at once: the prober is blind. */
  blind_when: integer(1, 100).default(2),
  /** What a blind prober does: hold every answer, or trust its probes. */
  on_blind: oneOf('hold', 'trust').default('hold'),
}).prefault({});

export function resolveProber(written: z.output<typeof proberSchema>): ProberSpec {
  const { concurrency, witnesses, blind_when: blindWhen, on_blind: onBlind } = written;
  return { concurrency, witnesses, blindWhen, onBlind };
}
