import { isIPv4 } from 'node:net';
import { createTransport } from 'nodemailer';
import type { Delivered, MailMessage } from './message.ts';
import { redact, secretsOfUrl } from './redact.ts';
import { troubleOf } from './trouble.ts';

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

/**
 * A password goes over an encrypted connection only, unless the server is on this machine. The certificate that one shows
 * with STARTTLS is mostly one that a package made for itself, and what it would protect does not leave the machine.
 */
function optionsOf({ url, timeoutMs }: MailMessage) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const secure = protocol === 'smtps:';
  const isLocal = host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
  const auth = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return {
    host,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    ...(username === '' ? {} : { auth, requireTLS: !secure && !isLocal }),
    ...(isLocal && !secure && { tls: { rejectUnauthorized: false } }),
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
  return code !== 'EAUTH' && code !== 'ETLS' && responseCode !== undefined && responseCode >= 500;
}

interface MailError {
  readonly code?: string;
  /** What the system or the TLS handshake said, where the library has a code of its own. */
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly message: string;
}

function reasonOf(error: unknown, secrets: readonly string[]): string {
  const { code = 'unknown', originalCode, responseCode, response, message } = error as MailError;
  const said = redact(response ?? String(responseCode), secrets);
  if (code === 'ETLS' && responseCode !== undefined) {
    return `it has no STARTTLS (it answered ${said}), and a password goes over an encrypted connection only: try smtps://`;
  }
  if (responseCode !== undefined) return `it answered ${said}`;
  const known = originalCode ?? handshakeCode(message) ?? code;
  return troubleOf(known) ?? `mail could not be sent (${known})`;
}

/** After STARTTLS the library keeps only OpenSSL's words of a failed handshake. */
function handshakeCode(message: string): string | null {
  if (/self-signed|unable to (?:get|verify)/.test(message)) return 'DEPTH_ZERO_SELF_SIGNED_CERT';
  if (/altnames/.test(message)) return 'ERR_TLS_CERT_ALTNAME_INVALID';
  return /has expired/.test(message) ? 'CERT_HAS_EXPIRED' : null;
}
