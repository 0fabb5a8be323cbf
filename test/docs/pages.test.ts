/** What stands in the pages is true as far as a machine can tell: configs load, commands exist, links lead somewhere. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parseCommandLine } from '../../src/cli/arguments.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { formatProblems } from '../../src/config/problems.ts';
import { anchorsOf, blocksOf, commandsOf, PAGES } from './pages.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const ENV = { TRANSFER_KEY: 'c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgb2N0ZXRzISE=' };

t.test('docs: every config with zones loads', async (t) => {
  let count = 0;
  for (const page of PAGES) {
    // Those of other programs begin with the name of their file; one without records shows a part.
    const configs = blocksOf(page, 'yaml').filter(
      (block) => /^zones:[\s\S]*records:/m.test(block) && !/^# \w+\.conf/.test(block),
    );
    for (const block of configs) {
      const keys =
        /key: transfer/.test(block) && !/^keys:/m.test(block)
          ? `keys: {transfer: {secret: "${ENV.TRANSFER_KEY}"}}\n`
          : '';
      const result = parseConfig(block + keys, page.name, { ...ENV, FAILOVERD_TOKEN: 't', HEALTH_TOKEN: 't' });
      t.ok(result.ok, result.ok ? `${page.name}: ${++count}` : `${block}${formatProblems(result.problems)}`);
    }
  }
  t.ok(count >= 8);
});

t.test('docs: every failoverd command is one, with options that it has', async (t) => {
  let count = 0;
  for (const page of PAGES) {
    for (const [name = '', ...args] of commandsOf(page)) {
      const line = `${page.name}: failoverd ${[name, ...args].join(' ')}`;
      const command = await COMMANDS.find((entry) => entry.name === name)?.load();
      if (!command) t.match(name, /^--(help|version)$/, line);
      else t.match(parseCommandLine(args, command), { ok: true }, line);
      count++;
    }
  }
  t.ok(count >= 30);
});

t.test('docs: every npm script is one', async (t) => {
  const { scripts } = (await import('../../package.json', { with: { type: 'json' } })).default;
  for (const { name, text } of PAGES) {
    for (const [, script = ''] of text.matchAll(/\bnpm run (?:--\w+ )?([\w:]+)/g)) {
      t.ok(Object.hasOwn(scripts, script), `${name}: npm run ${script}`);
    }
  }
});

t.test('docs: every link within the repository leads to a file, and to a heading of it', async (t) => {
  const anchors = new Map(PAGES.map((page) => [page.name, anchorsOf(page)]));
  for (const page of PAGES) {
    const prose = page.text.replace(/^```[\s\S]*?^```$/gm, '');
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^\w+:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? page.name : path.join(path.dirname(page.name), file);
      t.ok(existsSync(path.join(ROOT, linked)), `${page.name}: ${target}`);
      if (anchor !== undefined) t.ok(anchors.get(linked)?.has(anchor), `${page.name}: ${target}`);
    }
  }
});

t.test('docs/README.md leads to every page', async (t) => {
  const index = PAGES.find(({ name }) => name === 'docs/README.md')?.text ?? '';
  for (const { name } of PAGES) {
    const file = path.basename(name);
    if (name.startsWith('docs/') && file !== 'README.md') t.ok(index.includes(`(${file})`), file);
  }
});

t.test('docs/runbook.md has a section for every alarm', async (t) => {
  const runbook = PAGES.find(({ name }) => name === 'docs/runbook.md') ?? { name: '', text: '' };
  const sections = anchorsOf(runbook);
  const sources = globSync('src/**/*.ts', { cwd: ROOT }).map((file) => readFileSync(path.join(ROOT, file), 'utf8'));
  const alarms = sources
    .filter((source) => /\balarms\.raise\(/.test(source))
    .flatMap((source) => source.match(/(?<=')[a-z]+(?:_[a-z]+)+(?=')/g) ?? []);
  t.ok(alarms.length >= 9);
  for (const alarm of new Set(alarms)) t.ok(sections.has(alarm), alarm);
});
