/** The section `keys`: shared secrets for zone transfer, by name. */
import type { OwnerName } from '../core/name.ts';
import type { TsigKey } from './config.ts';
import { readFullName, readNameKeys } from './names.ts';
import { mustBe } from './refusal.ts';
import type { Scope } from './scope.ts';
import type { Path } from './source.ts';
import { isMap, oneOf, section, value } from './values.ts';

export const keySchema = section({
  /** How messages are signed (RFC 8945 §6). */
  algorithm: oneOf('hmac-sha256', 'hmac-sha384', 'hmac-sha512').default('hmac-sha256'),
  /** In base64, as `tsig-keygen` prints it. */
  secret: value(readSecret, { secret: true }),
});

/** Shorter ones can be guessed (RFC 8945 §8). */
const MIN_SECRET_BYTES = 16;

function readSecret(raw: unknown) {
  const isBase64 =
    typeof raw === 'string' && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(raw);
  const fits = isBase64 && Buffer.from(raw, 'base64').length >= MIN_SECRET_BYTES;
  return fits ? raw : mustBe(`base64 of at least ${MIN_SECRET_BYTES} bytes`);
}

/** The keys that can be used, and the names of all: one whose secret is broken is there all the same. */
export interface ReadKeys {
  readonly keys: readonly TsigKey[];
  readonly names: readonly OwnerName[];
}

export function readKeys(scope: Scope): ReadKeys {
  const { report } = scope;
  const path: Path = ['keys'];
  const written = report.source.get(path);
  if (written === undefined) return NONE;
  if (!isMap(written)) {
    report.refuse(path, 'must be a map of names to keys', report.source.describeKind(path));
    return NONE;
  }
  const places = readNameKeys(scope, path, readFullName);
  const keys = places.flatMap(({ name, path: at }) => {
    const key = report.read(keySchema, at);
    return key ? [{ name, ...key }] : [];
  });
  return { keys, names: places.map(({ name }) => name) };
}

const NONE: ReadKeys = { keys: [], names: [] };
