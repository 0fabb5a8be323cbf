/** From the check as written to the check as it is made: files read, contradictions refused. */
import { isIP } from 'node:net';
import { familyOf } from '../core/address.ts';
import type { CheckBase, CheckSpec, HttpCheck, TcpCheck, TlsOptions } from '../core/check.ts';
import { formatDuration } from '../core/duration.ts';
import { type CompleteCheck, completeCheck, type WrittenCheck } from './check.ts';
import { keyFits } from './files.ts';
import { Refusal } from './refusal.ts';
import type { Scope } from './scope.ts';
import type { Path } from './source.ts';

/** Some keys of a check, and where they stand. */
export interface CheckPart {
  readonly check: WrittenCheck;
  readonly path: Path;
}

/** The check of a record's endpoints; they differ by family in the local address. */
export interface ResolvedCheck {
  readonly ipv4: CheckSpec;
  readonly ipv6: CheckSpec;
}

/** Makes a record's check whole; null after an error. */
export function resolveCheck(scope: Scope, own: CheckPart, defaults: CheckPart): ResolvedCheck | null {
  const complete = completeCheck(own.check, defaults.check);
  const check = new CheckResolver(scope, [own, defaults]);
  check.refuseContradictions(complete, own);
  const { url, tcp } = complete;
  if (url !== undefined) return byFamily(check.http(url, complete), complete.source);
  if (tcp !== undefined) return byFamily(check.tcp(tcp, complete), complete.source);
  scope.report.error(own.path, 'check needs a url or a tcp port', 'key');
  return null;
}

function byFamily(check: CheckSpec, source: readonly string[] | null): ResolvedCheck {
  const from = (family: number): CheckSpec => {
    const sourceAddress = source?.find((address) => familyOf(address) === family);
    return sourceAddress === undefined ? check : { ...check, sourceAddress };
  };
  return { ipv4: from(4), ipv6: from(6) };
}

class CheckResolver {
  readonly #scope: Scope;
  readonly #parts: readonly CheckPart[];

  constructor(scope: Scope, parts: readonly CheckPart[]) {
    this.#scope = scope;
    this.#parts = parts;
  }

  http(url: string, check: CompleteCheck): HttpCheck {
    const tls = this.#tls(check.tls);
    this.#warnAboutTls(url, check);
    return {
      kind: 'http',
      url,
      port: check.port,
      host: check.host,
      method: check.method,
      headers: sortedByName(check.headers),
      expectStatus: check.expect.status,
      expectBody: check.expect.body,
      maxBodyBytes: check.max_body,
      tls,
      ...base(check),
    };
  }

  tcp(port: number, check: CompleteCheck): TcpCheck {
    return { kind: 'tcp', port, greeting: check.expect.greeting, maxBodyBytes: check.max_body, ...base(check) };
  }

  refuseContradictions(check: CompleteCheck, own: CheckPart): void {
    this.#refuseTimes(check);
    const { report } = this.#scope;
    for (const { check: part, path } of this.#parts) {
      const hasBoth = part.url !== undefined && part.tcp !== undefined;
      if (hasBoth) report.error([...path, 'tcp'], 'a check has a url or a tcp port, not both', 'key');
    }
    const [wrong, kind] = check.url === undefined ? [HTTP_ONLY, 'tcp'] : [TCP_ONLY, 'http'];
    for (const keys of wrong) {
      // Under `defaults` they are for the checks of the other kind.
      if (isWritten(own, keys))
        report.error([...own.path, ...keys], `${keys.at(-1)} has no meaning in a check over ${kind}`, 'key');
    }
    if (check.method === 'HEAD' && check.expect.body !== null) {
      report.error(this.#place('expect', 'body'), 'body cannot be expected: the method HEAD brings none');
    }
  }

  #refuseTimes({ interval, timeout, confirm }: CompleteCheck): void {
    const { report } = this.#scope;
    const [i, t, c] = [interval, timeout, confirm].map(formatDuration);
    if (timeout >= interval) {
      report.error(this.#nearest(['timeout'], ['interval']), `timeout (${t}) must be shorter than interval (${i})`);
    }
    if (confirm > interval) {
      report.warning(
        this.#nearest(['confirm'], ['interval']),
        `confirm (${c}) is longer than interval (${i}): a first fail is confirmed later than it would be without`,
      );
    }
  }

  #warnAboutTls(url: string, check: CompleteCheck): void {
    const { protocol, hostname } = new URL(url);
    const { report } = this.#scope;
    if (protocol === 'http:') {
      const [own] = this.#parts;
      if (own && isWritten(own, ['tls']))
        report.warning([...own.path, 'tls'], 'tls has no effect on an http URL', 'key');
      return;
    }
    const name = check.tls.server_name ?? check.host ?? hostname.replace(/^\[|\]$/g, '');
    if (check.tls.verify && isIP(name) !== 0) {
      report.warning(
        this.#place('url'),
        `the URL's host is an address: only a certificate that names ${name} passes; set tls.server_name to the name that it has`,
      );
    }
  }

  #tls(tls: CompleteCheck['tls']): TlsOptions {
    const { files } = this.#scope;
    const ca = this.#file('ca_file', tls.ca_file, (path) => files.certificates(path));
    const cert = this.#file('cert_file', tls.cert_file, (path) => files.certificates(path));
    const key = this.#file('key_file', tls.key_file, (path) => files.privateKey(path));
    this.#refuseHalfPair(tls);
    if (cert !== null && key !== null && !keyFits(cert, key)) {
      this.#scope.report.error(this.#place('tls', 'key_file'), 'key_file holds the key of another certificate');
    }
    return { verify: tls.verify, serverName: tls.server_name, ca, cert, key };
  }

  #refuseHalfPair(tls: CompleteCheck['tls']): void {
    if ((tls.cert_file === null) === (tls.key_file === null)) return;
    const [given, other] = tls.cert_file === null ? ['key_file', 'cert_file'] : ['cert_file', 'key_file'];
    this.#scope.report.error(this.#place('tls', given), `${given} needs ${other} beside it`, 'key');
  }

  #file(key: string, path: string | null, read: (path: string) => string | Refusal): string | null {
    const text = path === null ? null : read(path);
    if (!(text instanceof Refusal)) return text;
    this.#scope.report.refuseFile(this.#place('tls', key), text.predicate);
    return null;
  }

  /** Where a key is written, nearest first; else the record's check. */
  #place(...keys: readonly string[]): Path {
    return this.#nearest(keys);
  }

  #nearest(...candidates: readonly (readonly string[])[]): Path {
    for (const part of this.#parts) {
      const keys = candidates.find((candidate) => isWritten(part, candidate));
      if (keys) return [...part.path, ...keys];
    }
    return this.#parts[0]?.path ?? [];
  }
}

const HTTP_ONLY = [
  ['method'],
  ['headers'],
  ['host'],
  ['tls'],
  ['port'],
  ['expect', 'status'],
  ['expect', 'body'],
] as const;
const TCP_ONLY = [['expect', 'greeting']] as const;

/** `null` says no more than nothing. */
function isWritten(part: CheckPart, keys: readonly string[]): boolean {
  const value = keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], part.check);
  return value !== undefined && value !== null;
}

function sortedByName(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function base(check: CompleteCheck): CheckBase {
  return {
    intervalMs: check.interval,
    timeoutMs: check.timeout,
    confirmMs: check.confirm,
    fall: check.fall,
    rise: check.rise,
    sourceAddress: null,
    sentinel: check.sentinel,
  };
}
