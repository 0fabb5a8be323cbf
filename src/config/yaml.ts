/** From YAML text to plain values, with every place kept. The only file that knows the yaml package's errors. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { type Environment, fillIn, maskVariables, unmask } from './variables.ts';
import { explainSyntaxError, needsQuotes } from './yaml-errors.ts';

/** No key of a config lies deeper than 8. */
const MAX_DEPTH = 32;

/** A shorter value is a part of too many words. */
const MIN_SECRET_LENGTH = 5;

/** What was found wrong with the text as YAML; `offset` in characters. */
export interface YamlFinding {
  readonly offset: number;
  readonly message: string;
}

export interface ParsedYaml {
  readonly document: Document;
  /** Maps, lists, strings, numbers, booleans and null. */
  readonly value: unknown;
  readonly findings: readonly YamlFinding[];
  /** Scalars whose value could not be told; nothing more is to be said about them. */
  readonly broken: ReadonlySet<unknown>;
  /** Names and values of the variables that were filled in and that can be told from other words, longest first. */
  readonly variables: readonly (readonly [name: string, value: string])[];
}

/** Parses one document. Never throws for any text. */
export function parseYaml(text: string, env: Environment): ParsedYaml {
  // Duplicate keys are found below: the package compares each key with each other one.
  const document = parseDocument(maskVariables(text), { prettyErrors: false, uniqueKeys: false, version: '1.2' });
  const syntax = document.errors[0];
  // What follows the first error of syntax is mostly its echo.
  if (syntax) {
    const offset = syntax.pos[0];
    const findings = [{ offset, message: explainSyntaxError(syntax, lineAround(text, offset)) }];
    return { document, value: null, findings, broken: new Set(), variables: [] };
  }
  const reader = new PlainReader(text, env);
  if (document.directives?.yaml.explicit) reader.refuse(0, 'YAML directives (%YAML) are not supported');
  const value = reader.read(document.contents as Node | null, 0);
  return { document, value, findings: reader.findings, broken: reader.broken, variables: reader.longVariables() };
}

/** The text of a key as it was written, without quotes; null when it is not a text. */
export function keyText(pair: Pair): string | null {
  const key = pair.key;
  if (!isScalar(key)) return null;
  if (key.type === 'PLAIN') return key.value === null ? null : unmask(key.source ?? String(key.value));
  return typeof key.value === 'string' ? unmask(key.value) : null;
}

/** Where a node or key begins; 0 when it stands nowhere. */
export function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

/** The line on which a character stands. */
function lineAround(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, end === -1 ? undefined : end);
}

class PlainReader {
  readonly findings: YamlFinding[] = [];
  readonly broken = new Set<unknown>();
  readonly #variables = new Map<string, string>();
  readonly #text: string;
  readonly #env: Environment;

  constructor(text: string, env: Environment) {
    this.#text = text;
    this.#env = env;
  }

  longVariables(): ParsedYaml['variables'] {
    const long = [...this.#variables].filter(([, value]) => value.length >= MIN_SECRET_LENGTH);
    return long.sort(([, a], [, b]) => b.length - a.length);
  }

  refuse(offset: number, message: string): void {
    this.findings.push({ offset, message });
  }

  read(node: Node | null, depth: number): unknown {
    if (node === null) return null;
    if (depth > MAX_DEPTH) return this.#break(node, 'nested too deeply');
    if (isAlias(node) || node.anchor !== undefined) return this.#break(node, NO_ANCHORS);
    if (node.tag !== undefined) return this.#break(node, 'YAML tags (!) are not supported');
    if (isMap(node)) return this.#readMap(node as YAMLMap, depth);
    if (isSeq(node)) return node.items.map((item) => this.read(item as Node | null, depth + 1));
    return this.#readScalar(node as Scalar);
  }

  #readMap(map: YAMLMap, depth: number): Record<string, unknown> {
    // Without a prototype, so that no key can be mistaken for an inherited one.
    const plain: Record<string, unknown> = Object.create(null);
    for (const pair of map.items) {
      const key = keyText(pair);
      const value = this.read(pair.value as Node | null, depth + 1);
      if (key === null) this.#refuseKey(pair);
      else if (key === '<<') this.refuse(offsetOf(pair.key), NO_ANCHORS);
      else if (key in plain) this.refuse(offsetOf(pair.key), `duplicate key ${JSON.stringify(key)}`);
      else plain[key] = value;
    }
    return plain;
  }

  #refuseKey({ key }: Pair): void {
    const offset = offsetOf(key);
    this.refuse(offset, needsQuotes(lineAround(this.#text, offset)) ?? 'a key must be text');
  }

  #readScalar(scalar: Scalar): unknown {
    if (typeof scalar.value !== 'string') return scalar.value;
    return fillIn(scalar.value, this.#env, {
      onValue: (name, value) => this.#variables.set(name, value),
      onProblem: (message) => this.#break(scalar, message),
    });
  }

  #break(node: Node, message: string): null {
    this.refuse(offsetOf(node), message);
    this.broken.add(node);
    return null;
  }
}

const NO_ANCHORS =
  'anchors, aliases and merge keys (&, *, <<) are not supported: put what records share under "defaults"';
