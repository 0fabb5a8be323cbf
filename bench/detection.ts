/**
 * How soon failoverd leaves a primary that fails: `npm run bench:detection -- [--runs 20] [--write]`. The daemon by its launcher,
 * web servers in processes of their own, a new daemon and database for each run; the fault comes at a random moment, and the
 * time runs until the first changed answer on the wire. Loopback only; bounded; stops by itself.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadConfig } from '../src/config/load.ts';
import { COMMIT_WAIT_MS, predict } from '../src/core/predict.ts';
import { startBackend } from '../test/helpers/backend.ts';
import { serve } from '../test/helpers/serve.ts';
import { watchAnswer } from './watch-answer.ts';

const DOCUMENT = new URL('../docs/detection.md', import.meta.url);
const GENERATED = /(?<=<!-- npm run bench:detection -- --write -->\n)[\s\S]*?(?=<!-- end -->)/;

const NAME = 'app.example.com';
const PRIMARY = '127.0.0.31';
const BACKUP = '127.0.0.32';
const INTERVAL_MS = 1000;
const START_LIMIT_MS = 20_000;
const FLIP_LIMIT_MS = 20_000;

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '20' }, write: { type: 'boolean', default: false } },
});

interface Scenario {
  readonly name: string;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  readonly confirmMs: number;
  readonly sentinel: boolean;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'killed', signal: 'SIGKILL', confirmMs: 200, sentinel: false },
  { name: 'stopped: accepts, never answers', signal: 'SIGSTOP', confirmMs: 200, sentinel: false },
  { name: 'killed, `sentinel: true`, `confirm: 100ms`', signal: 'SIGKILL', confirmMs: 100, sentinel: true },
];

function configOf({ confirmMs, sentinel }: Scenario, port: number): string {
  return `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
dns: {rate_limit: {responses_per_second: 0}}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    records:
      "@":
        ttl: 2s
        primary: ${PRIMARY}
        backup: ${BACKUP}
        check:
          url: http://${NAME}:${port}/healthz
          interval: ${INTERVAL_MS}ms
          timeout: 500ms
          confirm: ${confirmMs}ms
          fall: 3
          sentinel: ${sentinel}
`;
}

interface Run {
  readonly detectedMs: number;
  /** The longest that the daemon predicts, with the wait for a commit. */
  readonly predictedMs: number;
}

async function play(scenario: Scenario): Promise<Run> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'failoverd-detection-'));
  const primary = await startBackend(PRIMARY);
  const backup = await startBackend(BACKUP, primary.port);
  const served = await serve(directory, configOf(scenario, primary.port));
  const watch = await watchAnswer(served.dnsPort, NAME);
  try {
    await watch.until(PRIMARY, START_LIMIT_MS);
    // Past the first round, then any moment of the interval.
    await sleep(2 * INTERVAL_MS + Math.random() * INTERVAL_MS);
    const faultAtMs = performance.now();
    primary.signal(scenario.signal);
    const detectedMs = (await watch.until(BACKUP, FLIP_LIMIT_MS)) - faultAtMs;
    return { detectedMs, predictedMs: await predictedMs(directory, scenario) };
  } finally {
    watch.close();
    await served.stop();
    await Promise.all([primary.kill(), backup.kill()]);
    rmSync(directory, { recursive: true });
  }
}

async function predictedMs(directory: string, { signal, sentinel, confirmMs }: Scenario): Promise<number> {
  const loaded = await loadConfig(path.join(directory, 'failoverd.yaml'), {});
  const record = loaded.ok ? loaded.config.zones[0]?.records[0] : undefined;
  if (!record) throw new Error('the config has no record');
  if (sentinel) return 2 * confirmMs + COMMIT_WAIT_MS;
  const { crashMs, hangMs } = predict(record);
  return (signal === 'SIGKILL' ? crashMs : hangMs) + COMMIT_WAIT_MS;
}

function row({ name }: Scenario, runs: readonly Run[]): string {
  const sorted = runs.map(({ detectedMs }) => detectedMs).toSorted((a, b) => a - b);
  const at = (part: number): string => `${Math.round(sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN)} ms`;
  return `| ${name} | ${at(0.001)} | ${at(0.5)} | ${at(0.9)} | ${at(1)} | ${runs[0]?.predictedMs} ms |`;
}

const rows: string[] = [];
const loads: number[] = [];
for (const scenario of SCENARIOS) {
  const runs: Run[] = [];
  while (runs.length < Number(values.runs)) {
    runs.push(await play(scenario));
    loads.push(os.loadavg()[0] ?? 0);
    console.error(`${scenario.name}: ${Math.round(runs.at(-1)?.detectedMs ?? 0)} ms, load ${loads.at(-1)?.toFixed(1)}`);
  }
  rows.push(row(scenario, runs));
}

const machine = `${os.availableParallelism()} cores of ${os.cpus()[0]?.model.trim()}, Linux ${os.release().split('-')[0]}, Node ${process.version}`;
const load = `load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`;
const text = `${new Date().toISOString().slice(0, 10)}, ${values.runs} runs each, ${machine}, ${load}.

| the primary is | min | p50 | p90 | max | predicted max |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}`;

console.log(text);
if (values.write) {
  const before = readFileSync(DOCUMENT, 'utf8');
  if (!GENERATED.test(before)) throw new Error(`${DOCUMENT.pathname} has no place for the table`);
  writeFileSync(
    DOCUMENT,
    before.replace(GENERATED, () => `\n${text}\n\n`),
  );
}
