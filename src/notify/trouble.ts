/** Why a receiver is not reached, in words. By codes: the messages of libraries hold addresses and hosts. */

const UNKNOWN_CA =
  'nobody who is known here signed its certificate: name the file of its CA in NODE_EXTRA_CA_CERTS, in the environment of failoverd';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  ENOTFOUND: 'its name is not known',
  EDNS: 'its name is not known',
  EAI_AGAIN: 'its name could not be resolved',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_CA,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name: the host in the URL must be one of those in the certificate',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: compare the clocks',
};

/** @returns null for a code that nothing better is known of */
export function troubleOf(code: string): string | null {
  return WORDS[code] ?? null;
}
