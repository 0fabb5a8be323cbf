import { createHmac } from 'node:crypto';

export interface Signed {
  readonly id: string;
  /** Seconds since the epoch, of this attempt. */
  readonly timestampSeconds: number;
  readonly body: string;
}

/**
 * The headers of Standard Webhooks 1.0: id and time, and with a secret the signature `v1` over both and the body.
 * @param secret `whsec_` and base64 of the key, or any text, whose UTF-8 is the key; null: unsigned
 */
export function webhookHeaders({ id, timestampSeconds, body }: Signed, secret: string | null): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestampSeconds) };
  if (secret === null) return headers;
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestampSeconds}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}

function keyOf(secret: string): Buffer {
  const [, base64] = /^whsec_(.*)$/s.exec(secret) ?? [];
  return base64 === undefined ? Buffer.from(secret, 'utf8') : Buffer.from(base64, 'base64');
}
