/**
 * Plays outage patterns against failoverd's own decision code and against models of its peers, and prints how long they
 * take to notice and how often they are wrong. Nothing real is probed, nothing waits: the clock is a number.
 *
 * node bench/simulate.ts [--seed text] [--hours n] [--write]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { tables } from './simulator/tables.ts';

const DOCUMENT = new URL('../docs/detection.md', import.meta.url);
const GENERATED = /(?<=<!-- npm run simulate -- --write -->\n)[\s\S]*?(?=<!-- end -->)/;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: '500' },
    write: { type: 'boolean', default: false },
  },
});
const hours = Number(values.hours);
if (!Number.isInteger(hours) || hours < 1) {
  console.error('--hours must be a whole number, 1 at least');
  process.exit(2);
}

const startedAtMs = performance.now();
let played = 0;
const text = tables({
  seed: values.seed,
  hours,
  onProgress: (more) => {
    played += more;
    if (process.stderr.isTTY) process.stderr.write(`\r${played} hours`);
  },
});
if (process.stderr.isTTY) process.stderr.write('\r');
const minutes = (performance.now() - startedAtMs) / 60_000;

const heading = `Seed \`${values.seed}\`, ${hours} simulated hours in each cell.`;
if (values.write) {
  const before = readFileSync(DOCUMENT, 'utf8');
  if (!GENERATED.test(before)) throw new Error(`${DOCUMENT.pathname} has no place for the tables`);
  writeFileSync(
    DOCUMENT,
    before.replace(GENERATED, () => `\n${heading}\n\n${text}\n\n`),
  );
} else {
  console.log(`${heading}\n\n${text}`);
}
console.error(`${played} simulated hours, ${Math.round(played / minutes)} a minute`);
