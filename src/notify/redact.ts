/** What a receiver or a library says, without what the config keeps secret. */
export function redact(text: string, secrets: readonly string[]): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return secrets
    .filter((secret) => secret.length > 3)
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '…'), line)
    .slice(0, 200);
}

/** The URL and every part of it that may be one. */
export function secretsOfUrl(url: string): readonly string[] {
  const { pathname, search, username, password, host, hostname } = new URL(url);
  const parts = [pathname, search, username, password, ...pathname.split('/'), ...search.split(/[?&=]/)];
  return [url, ...parts, ...parts.map(decode), host, hostname];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a lone %
  }
}
