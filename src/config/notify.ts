/** The section `notify`: who is told of what happens. */
import * as z from 'zod';
import { readHttpUrl } from './network.ts';
import { mustBe, oneOf, Refusal, refuse, secretText, section, value } from './values.ts';

const EVENTS = ['failover', 'failback', 'all_down', 'override', 'alarm'] as const;

/** The whole URL is a secret: those of Slack and ntfy are. */
function readHookUrl(raw: unknown): string | Refusal {
  const url = readHttpUrl(raw);
  return url instanceof Refusal && url.showsFound ? refuse(url.predicate) : url;
}

export const notifySchema = z
  .array(
    section({
      /** Where the deliveries are posted. */
      url: value(readHookUrl, { secret: true }),
      /** Signs the deliveries (Standard Webhooks); null: unsigned. */
      secret: secretText.nullable().default(null),
      /** What the receiver understands. */
      format: oneOf('webhook', 'slack', 'ntfy', 'pagerduty').default('webhook'),
      /** Which events it gets. */
      on: z
        .array(value((raw) => EVENTS.find((event) => event === raw) ?? mustBe(`one of ${EVENTS.join(', ')}`)))
        .default([...EVENTS]),
    }),
  )
  .default([]);
