/**
 * People who use the application, as a process: every 100 ms, through each resolver, it looks the name up and fetches over HTTP on a
 * new connection. Prints one JSON line for each request: {@link RequestResult}. Arguments: the name, then the resolvers' addresses.
 */
import { Resolver } from 'node:dns/promises';
import http from 'node:http';

const EVERY_MS = 100;
const DNS_TIMEOUT_MS = 2000;
const HTTP_TIMEOUT_MS = 1000;
/** Between the beginnings, so that the resolvers' caches do not run out at the same moments. */
const STAGGER_MS = 330;

export interface RequestResult {
  readonly resolver: string;
  readonly startedAtEpochMs: number;
  /** What the server said of itself; null when the request is lost. */
  readonly from: string | null;
  /** Why it is lost: a code of DNS or of the socket. */
  readonly error: string | null;
}

function fetchFrom(address: string, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(
      { host: address, headers: { host }, agent: false, timeout: HTTP_TIMEOUT_MS },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += String(chunk);
        });
        response.on('end', () => resolve(body.trim()));
        response.on('error', reject);
      },
    );
    request.on('timeout', () => request.destroy(Object.assign(new Error('timeout'), { code: 'HTTP_TIMEOUT' })));
    request.on('error', reject);
  });
}

async function request(resolver: string, dns: Resolver, name: string): Promise<void> {
  const startedAtEpochMs = Date.now();
  const result = { resolver, startedAtEpochMs };
  try {
    const [address] = await dns.resolve4(name);
    if (address === undefined) throw Object.assign(new Error('no address'), { code: 'NODATA' });
    console.log(JSON.stringify({ ...result, from: await fetchFrom(address, name), error: null }));
  } catch (error) {
    console.log(
      JSON.stringify({ ...result, from: null, error: (error as NodeJS.ErrnoException).code ?? String(error) }),
    );
  }
}

if (import.meta.main) {
  const [name = '', ...resolvers] = process.argv.slice(2);
  for (const [index, resolver] of resolvers.entries()) {
    const dns = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 });
    dns.setServers([resolver]);
    setTimeout(() => setInterval(() => void request(resolver, dns, name), EVERY_MS), index * STAGGER_MS);
  }
}
