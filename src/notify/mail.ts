import { createTransport } from 'nodemailer';
import type { Delivered, MailMessage } from './message.ts';
import { redact, secretsOfUrl } from './redact.ts';

/** Sends a message by SMTP on a connection of its own, with STARTTLS where the server has it. */
export async function sendMail(message: MailMessage): Promise<Delivered> {
  const { url, id, from, to, subject, text, timeoutMs } = message;
  const transport = createTransport(optionsOf(message));
  const late = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => late.resolve('late'), timeoutMs);
  // The same id at every attempt: a mailbox shows it once.
  const messageId = `<${id}@failoverd>`;
  const headers = { 'Auto-Submitted': 'auto-generated' };
  try {
    const sent = transport.sendMail({ from, to: [...to], subject, text, messageId, headers });
    sent.catch(() => {}); // when it fails after the timeout, that was the reason
    if ((await Promise.race([sent, late.promise])) !== 'late') return { ok: true };
    return { ok: false, reason: `no answer within ${timeoutMs / 1000} s`, isRejected: false, retryAfterMs: null };
  } catch (error) {
    const reason = reasonOf(error, [...message.secrets, ...secretsOfUrl(url)]);
    return { ok: false, reason, isRejected: isRejection(error), retryAfterMs: null };
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

/** A password goes over an encrypted connection only, unless the server is on this machine. */
function optionsOf({ url, timeoutMs }: MailMessage) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const secure = protocol === 'smtps:';
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.');
  const auth = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return {
    host,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    ...(username === '' ? {} : { auth, requireTLS: !secure && !isLocal }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** A permanent answer to the message itself (RFC 5321 §4.2.1), not to who sends it. */
function isRejection(error: unknown): boolean {
  const { responseCode, code } = error as { responseCode?: number; code?: string };
  return code !== 'EAUTH' && responseCode !== undefined && responseCode >= 500;
}

function reasonOf(error: unknown, secrets: readonly string[]): string {
  const { code, responseCode, response } = error as { code?: string; responseCode?: number; response?: string };
  if (responseCode !== undefined) return `it answered ${redact(response ?? String(responseCode), secrets)}`;
  return `mail could not be sent (${code ?? 'unknown'})`;
}
