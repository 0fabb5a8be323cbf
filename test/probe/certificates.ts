import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** The authority that signed all but `selfSigned`, in PEM. */
  readonly ca: string;
  readonly valid: KeyPair;
  readonly expired: KeyPair;
  readonly selfSigned: KeyPair;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Certificates for `app.example.com` and 127.0.0.1, made by the openssl command. */
export function makeCertificates(): Certificates {
  const dir = mkdtempSync(path.join(tmpdir(), 'failoverd-certificates-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const pem = (file: string) => readFileSync(path.join(dir, file), 'utf8');
  const selfSigned = (name: string) => {
    openssl('req', '-x509', ...EC, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`);
    return { cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
  };
  const signed = (name: string, days: number) => {
    openssl('req', ...EC, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=app.example.com');
    const issue = ['-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-extfile', 'names'];
    openssl('x509', ...issue, '-days', String(days), '-out', `${name}.crt`);
    return { cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
  };
  try {
    writeFileSync(path.join(dir, 'names'), 'subjectAltName=DNS:app.example.com,IP:127.0.0.1\n');
    const { cert: ca } = selfSigned('ca');
    const certificates = { ca, valid: signed('valid', 30), expired: signed('expired', -1) };
    return { ...certificates, selfSigned: selfSigned('self') };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A server that ends the handshake with an alert when the client shows no certificate, which Node's own never sends. */
export async function certificateDemander(t: Test, { valid, ca }: Certificates): Promise<number> {
  const dir = t.testdir({ cert: valid.cert, key: valid.key, ca });
  const args = ['s_server', '-accept', '127.0.0.1:0', '-cert', 'cert', '-key', 'key', '-CAfile', 'ca', '-Verify', '1'];
  const server = spawn('openssl', args, { cwd: dir, stdio: ['pipe', 'pipe', 'ignore'] });
  t.teardown(() => server.kill());
  let said = '';
  for (;;) {
    const [chunk] = (await once(server.stdout, 'data')) as [Buffer];
    said += chunk;
    const port = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port !== undefined) return Number(port);
  }
}
