/** What is probed, and how. The config's `check`, resolved: every default filled in, every secret and file read. */

/** What every check has, whatever it speaks. */
export interface CheckBase {
  readonly intervalMs: number;
  /** The whole attempt, from the first SYN to the last byte that is judged. */
  readonly timeoutMs: number;
  /** From the start of a failed probe to the start of the one that confirms it; at once when the failed one took longer. */
  readonly confirmMs: number;
  readonly fall: number;
  readonly rise: number;
  /** Local address to probe from; null: the system's choice. */
  readonly sourceAddress: string | null;
  /** Keep one idle connection open; its end triggers a probe at once. */
  readonly sentinel: boolean;
}

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** `text` must occur in the body; `pattern` must match it. */
export type BodyExpectation =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'pattern'; readonly source: string; readonly flags: string };

export interface TlsOptions {
  readonly verify: boolean;
  /** SNI and the name that the certificate must carry; null: the URL's host. */
  readonly serverName: string | null;
  /** PEM texts, read when the config was loaded. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

export interface HttpCheck extends CheckBase {
  readonly kind: 'http';
  /** Keeps the host name of the config, for Host, SNI and the certificate; the connection goes to the endpoint's address. */
  readonly url: string;
  /** Connect to this port instead of the URL's; null: the URL's. */
  readonly port: number | null;
  /** Host header, SNI and certificate name instead of the URL's host; null: the URL's. */
  readonly host: string | null;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expectStatus: readonly StatusRange[];
  readonly expectBody: BodyExpectation | null;
  readonly maxBodyBytes: number;
  readonly tls: TlsOptions;
}

export interface TcpCheck extends CheckBase {
  readonly kind: 'tcp';
  readonly port: number;
  /** What the server must send first, by itself (`220 `); null: connecting is enough. */
  readonly greeting: BodyExpectation | null;
  readonly maxBodyBytes: number;
}

export type CheckSpec = HttpCheck | TcpCheck;

/**
 * What is probed, for people: `http://app.example.com/healthz`, `tcp port 443`. A query string may hold a secret and is not shown.
 */
export function checkLabel(check: CheckSpec): string {
  if (check.kind === 'tcp') return `tcp port ${check.port}`;
  const query = check.url.indexOf('?');
  return query === -1 ? check.url : `${check.url.slice(0, query)}?…`;
}

/** One address of a target together with its check. Endpoints with the same id are the same endpoint and share one probe. */
export interface EndpointSpec {
  /** Stable over reloads and restarts, equal for an equal address and check: `192.0.2.10 http://app.example.com/healthz #1a2b3c4d`. */
  readonly id: string;
  readonly address: string;
  readonly family: 4 | 6;
  readonly check: CheckSpec;
}
