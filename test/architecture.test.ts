/**
 * The shape of ARCHITECTURE.md, read off the imports of every file in src/: who may know whom, which package lives where, no
 * circles, no clock and no randomness in the core, no file that has outgrown its name.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import t from 'tap';

const SRC = path.resolve(import.meta.dirname, '../src');
const MAX_LINES = 350;

/** One import, `export … from` or `import()` of a file, as it stands there. */
interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `import type`: gone when it runs. */
  readonly isType: boolean;
  /** `import()`: not loaded with the file. */
  readonly isLazy: boolean;
}

interface SourceFile {
  /** Below src/, with forward slashes: `core/name.ts`. */
  readonly name: string;
  /** Its folder below src/; a file of src/ itself is a module of its own: `main`. */
  readonly module: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

/** The interfaces between the runtime and its adapters, with the errors that cross them. Elsewhere in it they see types only. */
const SEAMS = ['runtime/ports.ts', 'runtime/status.ts', 'runtime/events.ts'];

/** What a module may import of the others. One that is not listed may import everything. */
const MAY_IMPORT: Readonly<Record<string, Readonly<Record<string, 'all' | 'seams' | 'types'>>>> = {
  core: {},
  config: { core: 'all', runtime: 'seams' },
  probe: { core: 'all', runtime: 'seams' },
  dns: { core: 'all', runtime: 'seams' },
  history: { core: 'all', runtime: 'seams' },
  notify: { core: 'all', runtime: 'seams' },
  admin: { core: 'all', runtime: 'seams' },
  runtime: { core: 'all', config: 'types' },
};

/** Where a package may be imported. One that is not listed may be imported anywhere but in the core. */
const PACKAGES: Readonly<Record<string, readonly RegExp[]>> = {
  dns2: [/^dns\//],
  nodemailer: [/^notify\//],
  'prom-client': [/^admin\/metrics/],
  undici: [/^probe\//, /^notify\//, /^cli\/api-client\.ts$/],
  'node-cron': [/^probe\//, /^cli\/housekeeping\.ts$/],
  'better-sqlite3': [/^history\//],
  yaml: [/^config\//],
  zod: [/^config\//, /^admin\//],
};

/** What reaches for the clock, for chance or for the world without an import. */
const AMBIENT =
  /\b(Date|Math\.random|performance|process|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|crypto|console)\b/;

/** `import … from 'x'`, `export … from 'x'`, `import 'x'` at the start of a line; `import('x')` anywhere. */
const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:[\w*${},\s]+?\s+from\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;

t.test('src/: every import is allowed by ARCHITECTURE.md', async (t) => {
  for (const file of sourceFiles()) t.strictSame(importProblems(file), [], file.name);
});

t.test('src/core/: no clock, no randomness, nothing of the outside world', async (t) => {
  for (const file of sourceFiles().filter(({ module }) => module === 'core')) {
    t.strictSame(ambientProblems(file), [], file.name);
  }
});

t.test('src/: no circle of imports', async (t) => {
  t.strictSame(circles(sourceFiles()), []);
});

t.test('the server itself loads no parser of configs: they live in a thread that ends, and take 30 MiB', async (t) => {
  const loaded = reach(sourceFiles(), ['cli/main.ts', 'cli/serve.ts', 'cli/daemon.ts']);
  t.ok(loaded.has('node-cron'), 'packages are seen');
  for (const name of ['yaml', 'zod']) t.notOk(loaded.has(name), name);
});

t.test(`src/: no file has more than ${MAX_LINES} lines`, async (t) => {
  for (const { name, text } of sourceFiles()) {
    const lines = text.split('\n').length - 1;
    t.ok(lines <= MAX_LINES, `${name}: ${lines} lines`);
  }
});

t.test('these checks see what they are there for', async (t) => {
  const problems = (name: string, text: string) => importProblems(sourceFile(name, text));
  t.strictSame(problems('core/a.ts', "import fs from 'node:fs';"), [
    'core/a.ts:1 imports node:fs: core imports only core',
  ]);
  t.strictSame(problems('core/a.ts', "import type { Clock } from '../runtime/ports.ts';"), [
    'core/a.ts:1 imports runtime/ports.ts: core imports only core',
  ]);
  t.strictSame(problems('core/a.ts', "import fc from 'fast-check';"), [
    'core/a.ts:1 imports fast-check: core imports only core',
  ]);
  t.strictSame(problems('probe/a.ts', "\nimport {\n  x,\n} from '../dns/b.ts';"), [
    'probe/a.ts:2 imports dns/b.ts: probe imports only core and runtime',
  ]);
  t.strictSame(problems('dns/a.ts', "export { createFakeClock } from '../runtime/clock.ts';"), [
    'dns/a.ts:1 imports runtime/clock.ts: dns imports of runtime only types and runtime/ports.ts, runtime/status.ts, runtime/events.ts',
  ]);
  t.strictSame(problems('dns/a.ts', "import { ListenError } from '../runtime/ports.ts';"), []);
  t.strictSame(problems('runtime/a.ts', "import { load } from '../config/load.ts';"), [
    'runtime/a.ts:1 imports config/load.ts: runtime imports of config only types',
  ]);
  t.strictSame(problems('runtime/a.ts', "const b = await import('../probe/b.ts');"), [
    'runtime/a.ts:1 imports probe/b.ts: runtime imports only core and config',
  ]);
  t.strictSame(problems('cli/status.ts', "import { request } from 'undici';"), [
    'cli/status.ts:1 imports undici: it belongs in probe/, notify/, cli/api-client.ts',
  ]);
  t.strictSame(problems('main.ts', "import { x } from './dns/a.ts';\nimport y from './probe/b.ts';"), []);
  t.strictSame(problems('history/a.ts', "import sqlite from 'better-sqlite3';\nimport fs from 'fs';"), [
    'history/a.ts:2 imports fs: a builtin module is written node:fs',
  ]);

  t.strictSame(ambientProblems(sourceFile('core/a.ts', '// a Date\nconst at = Date.now();\nconst s = `Date`;')), [
    'core/a.ts:2 uses Date: core sees only values',
  ]);

  const template = `const s = \`Date $\{Date.now()}\`;`;
  t.strictSame(ambientProblems(sourceFile('core/a.ts', template)), ['core/a.ts:1 uses Date: core sees only values']);

  const circle = [
    sourceFile('core/a.ts', "import { b } from './b.ts';"),
    sourceFile('core/b.ts', "import { c } from './c.ts';"),
    sourceFile('core/c.ts', "import { b } from './b.ts';"),
  ];
  t.strictSame(circles(circle), ['core/b.ts → core/c.ts → core/b.ts: imports in a circle']);
  t.strictSame(circles([sourceFile('core/a.ts', "import type { b } from './a.ts';")]), [], 'a type is no circle');
});

function sourceFiles(): readonly SourceFile[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll(path.sep, '/'))
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => sourceFile(name, readFileSync(path.join(SRC, name), 'utf8')));
}

function sourceFile(name: string, text: string): SourceFile {
  const module = name.includes('/') ? (name.split('/')[0] ?? '') : name.replace(/\.ts$/, '');
  return { name, module, text, imports: importsOf(text) };
}

function importsOf(text: string): readonly Import[] {
  return [...text.matchAll(STATEMENT)].map((match) => ({
    specifier: match[2] ?? match[3] ?? '',
    line: text.slice(0, match.index).split('\n').length,
    isType: match[1] !== undefined,
    isLazy: match[3] !== undefined,
  }));
}

/** The file below src/ that an import means; null for a package. */
function resolve(from: SourceFile, { specifier }: Import): string | null {
  return specifier.startsWith('.') ? path.posix.join(path.posix.dirname(from.name), specifier) : null;
}

function importProblems(file: SourceFile): readonly string[] {
  return file.imports.flatMap((imported) => {
    const target = resolve(file, imported);
    const broken = target === null ? packageRule(file, imported.specifier) : moduleRule(file, target, imported.isType);
    return broken === null ? [] : [`${file.name}:${imported.line} imports ${target ?? imported.specifier}: ${broken}`];
  });
}

/** @returns the rule that is broken, or null. */
function moduleRule({ module }: SourceFile, target: string, isType: boolean): string | null {
  const allowed = MAY_IMPORT[module];
  const [other = ''] = target.split('/');
  if (allowed === undefined || other === module) return null;
  const what = allowed[other];
  if (what === undefined) return `${module} imports only ${inWords(allowed)}`;
  if (what === 'seams' && !isType && !SEAMS.includes(target)) {
    return `${module} imports of ${other} only types and ${SEAMS.join(', ')}`;
  }
  return what === 'types' && !isType ? `${module} imports of ${other} only types` : null;
}

function inWords(allowed: Readonly<Record<string, string>>): string {
  return Object.keys(allowed).join(' and ') || 'core';
}

function packageRule({ name, module }: SourceFile, specifier: string): string | null {
  if (module === 'core') return 'core imports only core';
  if (builtinModules.includes(specifier)) return `a builtin module is written node:${specifier}`;
  const places = PACKAGES[specifier.split('/')[0] ?? ''];
  if (places === undefined || places.some((place) => place.test(name))) return null;
  return `it belongs in ${places.map((place) => place.source.replace(/[\\^$]/g, '')).join(', ')}`;
}

function ambientProblems({ name, text }: SourceFile): readonly string[] {
  return withoutWords(text)
    .split('\n')
    .flatMap((line, i) => {
      const found = AMBIENT.exec(line);
      return found ? [`${name}:${i + 1} uses ${found[0]}: core sees only values`] : [];
    });
}

/** Blanks out comments and texts, and keeps the lines and what a template computes. */
function withoutWords(text: string): string {
  const blank = (match: string) =>
    match.replace(/\$\{[^}]*\}|[^\n]/g, (part) => (match.startsWith('`') && part.startsWith('$') ? part : ' '));
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, blank);
}

/** All files and packages that are loaded with these, but for what an `import()` brings. */
function reach(files: readonly SourceFile[], names: readonly string[]): ReadonlySet<string> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const reached = new Set<string>(names);
  for (const name of reached) {
    const file = byName.get(name);
    for (const imported of file?.imports ?? []) {
      if (file && !imported.isType && !imported.isLazy) reached.add(resolve(file, imported) ?? imported.specifier);
    }
  }
  return reached;
}

/** Circles of imports that are there when it runs, each once. */
function circles(files: readonly SourceFile[]): readonly string[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (name: string, trail: readonly string[]): void => {
    if (trail.includes(name)) {
      found.push(`${[...trail.slice(trail.indexOf(name)), name].join(' → ')}: imports in a circle`);
      return;
    }
    const file = byName.get(name);
    if (!file || done.has(name)) return;
    for (const imported of file.imports) {
      const target = resolve(file, imported);
      if (target !== null && !imported.isType) visit(target, [...trail, name]);
    }
    done.add(name);
  };
  for (const { name } of files) visit(name, []);
  return found;
}
