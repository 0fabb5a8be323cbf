import { Client } from 'undici';
import type { Delivered, HttpMessage } from './message.ts';
import { redact, secretsOfUrl } from './redact.ts';
import { troubleOf } from './trouble.ts';

/** So much of an answer is read, to say why it was a no. */
const READ_BYTES = 4_096;

/** Posts a message on a connection of its own. Redirects are not followed: they would carry the signature elsewhere. */
export async function post(message: HttpMessage): Promise<Delivered> {
  const { url, headers, body, timeoutMs } = message;
  const { origin, pathname, search } = new URL(url);
  const client = new Client(origin, {
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void client.destroy();
  }, timeoutMs);
  try {
    const response = await client.request({ method: 'POST', path: pathname + search, headers, body });
    const { statusCode } = response;
    if (statusCode >= 200 && statusCode < 300) return { ok: true };
    const text = await readSome(response.body);
    const said = redact(text, [...message.secrets, ...secretsOfUrl(url), ...Object.values(headers)]);
    return {
      ok: false,
      reason: `it answered ${statusCode}${said === '' ? '' : `: ${said}`}`,
      isRejected: isRejection(statusCode),
      retryAfterMs: retryAfterMs(response.headers['retry-after']),
    };
  } catch (error) {
    const reason = isLate ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error);
    return { ok: false, reason, isRejected: false, retryAfterMs: null };
  } finally {
    clearTimeout(timer);
    void client.destroy();
  }
}

/** It is there, and does not want this. What says "later" (408, 425, 429) is no such answer. */
function isRejection(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

/** Seconds or a date (RFC 9110 §10.2.3). */
function retryAfterMs(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

async function readSome(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= READ_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, READ_BYTES).toString('utf8');
}

function reasonOf(error: unknown): string {
  const { code, name, cause } = error as NodeJS.ErrnoException;
  const inner = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const known = code ?? inner ?? name;
  return troubleOf(known) ?? `it cannot be reached (${known})`;
}
