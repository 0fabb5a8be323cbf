import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  TLSSocket,
} from 'node:tls';
import type { TlsOptions } from '../core/check.ts';

let systemRoots: SecureContext | undefined;

/** Made once for each check: reading certificates anew for every connection costs more than the handshake. */
function secureContextOf({ ca, cert, key }: TlsOptions): SecureContext {
  if (ca === null && cert === null && key === null) {
    systemRoots ??= createSecureContext();
    return systemRoots;
  }
  return createSecureContext({
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  });
}

/**
 * The options of a connection to an address on behalf of a name.
 *
 * @param hostName the URL's host, or what overrides it; may be an address, which goes into no SNI (RFC 6066 §3).
 * @throws Error from OpenSSL when a certificate or key cannot be read.
 */
export function tlsConnectionOptions(tls: TlsOptions, hostName: string) {
  const name = tls.serverName ?? hostName;
  return {
    secureContext: secureContextOf(tls),
    rejectUnauthorized: tls.verify,
    servername: isIP(name) === 0 ? name : '',
    // Node would compare with the address that is connected to.
    checkServerIdentity: (_host: string, certificate: PeerCertificate) => checkServerIdentity(name, certificate),
  } satisfies ConnectionOptions;
}

/** When the peer's certificate ends; undefined over plain TCP. */
export function certificateExpiry(socket: unknown): number | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  return socket.getPeerX509Certificate()?.validToDate.getTime();
}
