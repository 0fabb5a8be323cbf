import { type Parsed, parsed, problem } from './parsed.ts';

declare const brand: unique symbol;

/**
 * An absolute domain name in the one canonical text form: lower case, final dot, special octets escaped as in a master
 * file (RFC 1035 §5.1: `\.` and `\DDD`), at most 63 octets a label and 255 in all. The root is `.`.
 */
export type OwnerName = string & { readonly [brand]: 'OwnerName' };

/** Octets of a name on the wire, the length octets and the root's zero included (RFC 1035 §2.3.4). */
export const MAX_NAME_OCTETS = 255;
export const MAX_LABEL_OCTETS = 63;

export const ROOT = '.' as OwnerName;

/** One label: its octets, one a character (latin1). */
type Label = string;

/** Without the final dot, as people write it. */
export function shown(name: OwnerName): string {
  return name === ROOT ? name : name.slice(0, -1);
}

/**
 * Reads a name in master-file form (RFC 1035 §5.1), in any letter case.
 * @param origin what a name without a final dot is relative to, and what `@` stands for; without it every name is absolute.
 */
export function parseOwnerName(text: string, origin?: OwnerName): Parsed<OwnerName> {
  if (text === '') return problem('is empty');
  if (text === '@' && origin !== undefined) return parsed(origin);
  if (text === '.') return parsed(ROOT);
  const labels = readLabels(text);
  if (typeof labels === 'string') return problem(labels);
  const isAbsolute = labels.at(-1) === '';
  const own = isAbsolute ? labels.slice(0, -1) : labels;
  const all = isAbsolute || origin === undefined ? own : [...own, ...rawLabelsOf(origin)];
  const fault = faultOf(all);
  return fault === null ? parsed(fromLabels(all)) : problem(fault);
}

function faultOf(labels: readonly Label[]): string | null {
  if (labels.includes('')) return 'has an empty label';
  const long = labels.find((label) => label.length > MAX_LABEL_OCTETS);
  if (long !== undefined) return `has a label of ${long.length} octets, more than ${MAX_LABEL_OCTETS}`;
  const octets = wireLength(labels);
  return octets > MAX_NAME_OCTETS ? `has ${octets} octets, more than ${MAX_NAME_OCTETS}` : null;
}

/** The labels of a text, unescaped, the empty one after a final dot among them; or what is wrong with it. */
function readLabels(text: string): Label[] | string {
  const labels: Label[] = [];
  let label = '';
  for (let i = 0; i < text.length; ) {
    if (text[i] === '.') {
      labels.push(label);
      label = '';
      i++;
      continue;
    }
    const octet = readOctet(text, i);
    if (octet === null) return 'ends in an escape that is not \\X or \\DDD';
    if (octet.code > 0x7f && octet.length < 4)
      return 'is not ASCII: write an internationalised name as A-labels (xn--…)';
    label += String.fromCharCode(octet.code);
    i += octet.length;
  }
  labels.push(label);
  return labels;
}

/**
 * Reads one possibly escaped character of a master file (RFC 1035 §5.1): `X`, `\X` or `\DDD`.
 * @returns its code and how many characters it took; null when an escape is broken.
 */
export function readOctet(text: string, at: number): { readonly code: number; readonly length: number } | null {
  if (text[at] !== '\\') return { code: text.charCodeAt(at), length: 1 };
  const digits = /^\d{3}/.exec(text.slice(at + 1, at + 4))?.[0];
  if (digits !== undefined) return Number(digits) <= 0xff ? { code: Number(digits), length: 4 } : null;
  const next = text[at + 1];
  return next === undefined || /\d/.test(next) ? null : { code: next.charCodeAt(0), length: 2 };
}

function wireLength(labels: readonly Label[]): number {
  return labels.reduce((octets, label) => octets + 1 + label.length, 1);
}

function fromLabels(labels: readonly Label[]): OwnerName {
  return labels.length === 0 ? ROOT : (labels.map((label) => `${escapeLabel(label)}.`).join('') as OwnerName);
}

function escapeLabel(label: Label): string {
  if (/^[a-z\d_-]*$/.test(label)) return label;
  const lower = label.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return lower.replace(/[^!-~]|[\\."();@$]/g, (octet) =>
    octet >= '!' && octet <= '~' ? `\\${octet}` : `\\${String(octet.charCodeAt(0)).padStart(3, '0')}`,
  );
}

/** The labels as octets, one a character (latin1), leftmost first. */
function rawLabelsOf(name: OwnerName): readonly Label[] {
  if (name === ROOT) return [];
  if (!name.includes('\\')) return name.slice(0, -1).split('.');
  const labels = readLabels(name);
  return typeof labels === 'string' ? [] : labels.slice(0, -1);
}

/** How many labels a name has; the root has none. */
export function labelCount(name: OwnerName): number {
  return rawLabelsOf(name).length;
}

/** The name without its leftmost label; null for the root. */
export function parentOf(name: OwnerName): OwnerName | null {
  if (name === ROOT) return null;
  const rest = name.slice(firstDot(name) + 1);
  return rest === '' ? ROOT : (rest as OwnerName);
}

/** Where the first dot that is not escaped stands. */
function firstDot(name: OwnerName): number {
  let at = name.indexOf('.');
  while (isEscaped(name, at)) at = name.indexOf('.', at + 1);
  return at;
}

function isEscaped(name: string, at: number): boolean {
  let backslashes = 0;
  while (name[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** Whether `name` is `ancestor` or lies below it. */
export function isSubdomainOf(name: OwnerName, ancestor: OwnerName): boolean {
  if (name === ancestor || ancestor === ROOT) return true;
  const dot = name.length - ancestor.length - 1;
  return name[dot] === '.' && name.endsWith(ancestor) && !isEscaped(name, dot);
}

/** The name with one more label at its left. `label` is escaped as in a name; the result must be within the limits. */
export function joinName(label: string, parent: OwnerName): OwnerName {
  return (parent === ROOT ? `${label}.` : `${label}.${parent}`) as OwnerName;
}

/** Canonical DNS name order (RFC 4034 §6.1): negative when `a` comes first. */
export function compareNames(a: OwnerName, b: OwnerName): number {
  const left = rawLabelsOf(a).toReversed();
  const right = rawLabelsOf(b).toReversed();
  for (const [i, label] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    if (label !== other) return label < other ? -1 : 1;
  }
  return left.length - right.length;
}

/** The name on the wire: lower case, not compressed (RFC 1035 §3.1). */
export function nameToWire(name: OwnerName): Uint8Array {
  const labels = rawLabelsOf(name);
  const wire = new Uint8Array(wireLength(labels));
  let at = 0;
  for (const label of labels) {
    wire[at++] = label.length;
    for (let i = 0; i < label.length; i++) wire[at++] = label.charCodeAt(i);
  }
  return wire;
}

/**
 * The name that stands on the wire at `at`, without compression, as the readers of this program leave it.
 * @throws RangeError when it is not whole: whoever read the message has checked that.
 */
export function nameFromWire(wire: Uint8Array, at = 0): OwnerName {
  const labels: Label[] = [];
  for (let length = wire[at]; length !== 0; length = wire[at]) {
    if (length === undefined || length > MAX_LABEL_OCTETS) throw new RangeError('no whole name on the wire');
    labels.push(String.fromCharCode(...wire.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return fromLabels(labels);
}
