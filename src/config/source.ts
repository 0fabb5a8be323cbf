/** A config's text as plain values, and the way back from each value to its place. */
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, type YAMLMap } from 'yaml';
import { quote, shorten } from './quote.ts';
import type { Environment } from './variables.ts';
import { keyText, offsetOf, type ParsedYaml, parseYaml } from './yaml.ts';

/** From the top of the file to a value: keys of maps, and indexes of lists. */
export type Path = readonly (string | number)[];

/** Both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where the deepest written part of a path was found. */
interface Found {
  readonly node: Node | null;
  readonly key: unknown;
  /** How many steps of the path are written in the file. */
  readonly depth: number;
}

export class Source {
  /** As it is named in problems. */
  readonly file: string;
  readonly value: unknown;
  /** Whether it is YAML at all; if not, its values say nothing. */
  readonly isYaml: boolean;
  /** What was wrong with the text as YAML. */
  readonly findings: readonly (Position & { readonly message: string })[];
  readonly #text: string;
  readonly #yaml: ParsedYaml;
  readonly #lines = new LineCounter();
  readonly #indexes = new WeakMap<YAMLMap, Map<string, Pair>>();

  constructor(text: string, file: string, env: Environment) {
    this.file = file;
    this.#text = text;
    this.#yaml = parseYaml(text, env);
    this.value = this.#yaml.value;
    this.isYaml = this.#yaml.document.errors.length === 0;
    this.#lines.addNewLine(0);
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#lines.addNewLine(at + 1);
    this.findings = this.#yaml.findings.map(({ offset, message }) => ({ ...this.#position(offset), message }));
  }

  /** The value at a path; undefined where nothing is written. */
  get(path: Path): unknown {
    let value = this.value;
    for (const step of path) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Record<string | number, unknown>)[step];
    }
    return value;
  }

  /**
   * The place of a value or of its key. Where the path goes deeper than the text (a default, or `primary: 192.0.2.1` for
   * `primary: {addresses: [192.0.2.1]}`), the place of the deepest part that is written.
   */
  at(path: Path, part: 'key' | 'value' = 'value'): Position {
    const found = this.#find(path);
    const node = part === 'key' || found.node === null ? (found.key ?? found.node) : found.node;
    return this.#position(offsetOf(node));
  }

  /** The part of a path that is written in the file. */
  written(path: Path): Path {
    return path.slice(0, this.#find(path).depth);
  }

  /** Whether the value is one about which everything was said when it was read. */
  isBroken(path: Path): boolean {
    return this.#yaml.broken.has(this.#find(path).node);
  }

  /** What stands there, for a message: as written, so that a variable shows its name and never its value. */
  describe(path: Path): string {
    const { node } = this.#find(path);
    if (isMap(node)) return 'a map';
    if (isSeq(node)) return 'a list';
    if (!isScalar(node) || !node.range || node.range[0] === node.range[1]) return 'nothing';
    if (node.type?.startsWith('BLOCK')) return 'a block of text';
    const text = this.#text.slice(node.range[0], node.range[1]);
    return node.type === 'PLAIN' && typeof node.value === 'string' ? quote(text) : shorten(text);
  }

  /** The same for a value that may be a secret: its kind only. */
  describeKind(path: Path): string {
    const value = this.get(path);
    if (value === null || value === undefined) return 'nothing';
    if (typeof value === 'object') return this.describe(path);
    if (typeof value === 'string') return value === '' ? 'an empty text' : 'another text';
    return typeof value === 'number' ? 'a number' : `a ${typeof value}`;
  }

  /** A text in which the name of a variable stands wherever its value stood: it may be a secret. */
  withoutValues(text: string): string {
    return this.#yaml.variables.reduce((shown, [name, value]) => shown.replaceAll(value, `\${${name}}`), text);
  }

  #find(path: Path): Found {
    let found: Found = { node: this.#yaml.document.contents as Node | null, key: null, depth: 0 };
    for (const step of path) {
      const next = this.#child(found, step);
      if (!next) break;
      found = next;
    }
    return found;
  }

  #child(parent: Found, step: string | number): Found | null {
    const { node } = parent;
    const depth = parent.depth + 1;
    if (isSeq(node)) {
      const item = node.items[Number(step)];
      return item === undefined ? null : { node: item as Node | null, key: item, depth };
    }
    if (!isMap(node)) return null;
    const pair = this.#index(node as YAMLMap).get(String(step));
    return pair ? { node: pair.value as Node | null, key: pair.key, depth } : null;
  }

  #index(map: YAMLMap): Map<string, Pair> {
    const known = this.#indexes.get(map);
    if (known) return known;
    const index = new Map<string, Pair>();
    for (const pair of map.items) {
      const key = keyText(pair);
      if (key !== null && !index.has(key)) index.set(key, pair);
    }
    this.#indexes.set(map, index);
    return index;
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}
