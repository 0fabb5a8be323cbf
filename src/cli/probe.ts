import type { EndpointSpec } from '../core/check.ts';
import { shown } from '../core/name.ts';
import type { ProbePhase, ProbeReport } from '../core/outcome.ts';
import type { RecordSpec } from '../core/record.ts';
import { probeOnce } from '../probe/prober.ts';
import type { Clock } from '../runtime/ports.ts';
import { describeCheck, describeOutcome } from '../runtime/status-report.ts';
import { defineCommand } from './command.ts';
import { readConfig } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { formatMilliseconds } from './format.ts';
import { complain, type Output, paint, printJson } from './io.ts';
import { findRecord, findTarget } from './records.ts';
import { formatTable } from './table.ts';
import { VERSION } from './version.ts';

export const probe = defineCommand({
  arguments: [{ name: 'record', isRequired: true }],
  options: { target: { value: 'name', help: 'only this target: primary, backup, …' } },
  description: `Probes each endpoint of a record once, from here, as failoverd does, and prints how it went and how
long each phase took. It changes nothing, and needs no running failoverd. It fails when a probe does
not pass.`,
  examples: ['probe app.example.com', 'probe app.example.com --target backup --json'],
  async run({ configPath, json, options, positionals: [name = ''] }, io) {
    const config = await readConfig(configPath, io);
    if (!config) return ExitCode.config;
    const record = findRecord(config, name);
    if (!record.ok) return complain(io, record.message, ExitCode.usage);
    const target = options.target === undefined ? null : findTarget(record.value, options.target);
    if (target?.ok === false) return complain(io, target.message, ExitCode.usage);
    const targets = target ? [target.value] : record.value.targets;
    const attempts = await probeAll(targets, io.clock);
    if (json)
      printJson(
        io,
        attempts.map(({ target, endpoint, report }) => ({ target, address: endpoint.address, ...report })),
      );
    else io.stdout.write(formatAttempts(record.value, attempts, io.stdout));
    return attempts.every(({ report }) => report.outcome.outcome === 'pass') ? ExitCode.ok : ExitCode.failure;
  },
});

interface Attempt {
  readonly target: string;
  readonly endpoint: EndpointSpec;
  readonly report: ProbeReport;
}

/** All at once: one that hangs delays no other. */
function probeAll(targets: RecordSpec['targets'], clock: Clock): Promise<readonly Attempt[]> {
  return Promise.all(
    targets.flatMap(({ name: target, endpoints }) =>
      endpoints.map(async (endpoint) => ({ target, endpoint, report: await probeOnce(endpoint, clock, VERSION) })),
    ),
  );
}

const PHASES = ['connect', 'tls', 'headers', 'body'] as const satisfies readonly ProbePhase[];
const HEADER = ['TARGET', 'ADDRESS', ...PHASES.map((phase) => phase.toUpperCase()), 'TOTAL', 'OUTCOME'];

function formatAttempts(record: RecordSpec, attempts: readonly Attempt[], output: Output): string {
  const checks = new Set(attempts.map(({ endpoint }) => describeCheck(endpoint.check)));
  const rows = attempts.map(({ target, endpoint, report }) => [
    target,
    endpoint.address,
    ...PHASES.map((phase) => duration(report.phasesMs[phase])),
    formatMilliseconds(report.elapsedMs),
    outcomeOf(report, output),
  ]);
  const table = formatTable([HEADER.map((title) => paint(output, 'dim', title)), ...rows]);
  return `${shown(record.name)}: ${[...checks].join(', ')}\n\n${table}\n${attempts.map(bodyOf).join('')}`;
}

function duration(phaseMs: number | undefined): string {
  return phaseMs === undefined ? '-' : formatMilliseconds(phaseMs);
}

function outcomeOf({ outcome, status }: ProbeReport, output: Output): string {
  const text = describeOutcome(outcome);
  if (outcome.outcome !== 'pass') return paint(output, outcome.outcome === 'fail' ? 'red' : 'yellow', text);
  return paint(output, 'green', status === undefined ? text : `${text} ${status}`);
}

/** What a failed endpoint said, as JSON so that it stays in its line. */
function bodyOf({ target, endpoint, report: { bodySample } }: Attempt): string {
  if (bodySample === undefined || bodySample === '') return '';
  return `\n${target} ${endpoint.address} said: ${JSON.stringify(bodySample)}\n`;
}
