import { setTimeout as pause } from 'node:timers/promises';
import type { StatusReport } from '../runtime/status.ts';
import { ADMIN_OPTIONS, type AdminPlace, findAdmin } from './admin-place.ts';
import { type Answer, get } from './api-client.ts';
import { defineCommand } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { complain, type Io, printJson } from './io.ts';
import { formatStatus } from './status-text.ts';

const WATCH_EVERY_MS = 1_000;
/** Home, and everything below it is gone: less flicker than a cleared screen. */
const REDRAW = '\u001b[H\u001b[J';

export const status = defineCommand({
  arguments: [],
  options: {
    watch: { value: null, help: 'show it anew every second, until it is interrupted' },
    'exit-code': { value: null, help: 'let the exit code say how it is: see above' },
    ...ADMIN_OPTIONS,
  },
  description: `Asks the running failoverd what it answers now, since when and why, how each target does, and which
alarms stand. The config says where its admin API listens. With --exit-code the exit code is 0 only
when every record is on its primary: 10 when one is on a backup, 11 when no target of one is up, 12
when the prober is blind, 13 when the database cannot be written. With --watch --json each report is
one line.`,
  examples: ['status', 'status --json', 'status --watch', 'status --exit-code > /dev/null || page-somebody'],
  async run(invocation, io) {
    const { json, options } = invocation;
    const place = await findAdmin(invocation, io);
    if (typeof place === 'number') return place;
    const answer = options.watch ? await watch(place, json, io) : await get<StatusReport>(place, '/api/v1/status');
    if (!answer.ok) return complain(io, answer.message, answer.code);
    if (!options.watch) show(answer.value, json, io);
    return options['exit-code'] ? VERDICT_CODES[answer.value.verdict] : ExitCode.ok;
  },
});

const VERDICT_CODES = {
  ok: ExitCode.ok,
  on_backup: ExitCode.onBackup,
  all_down: ExitCode.allDown,
  prober_blind: ExitCode.proberBlind,
  storage_degraded: ExitCode.storageDegraded,
} as const satisfies Record<StatusReport['verdict'], ExitCode>;

function show(report: StatusReport, json: boolean, io: Io): void {
  if (json) printJson(io, report);
  else io.stdout.write(formatStatus(report, io.stdout));
}

/** Goes on while nothing answers, for it may come back. @returns the last answer */
async function watch(place: AdminPlace, json: boolean, io: Io): Promise<Answer<StatusReport>> {
  const stop = new AbortController();
  const unsubscribe = io.onSignal('SIGINT', () => stop.abort());
  let answer = await get<StatusReport>(place, '/api/v1/status');
  for (;;) {
    io.stdout.write(frame(answer, json, io));
    await pause(WATCH_EVERY_MS, null, { signal: stop.signal }).catch(() => {}); // the interruption
    if (stop.signal.aborted) break;
    answer = await get<StatusReport>(place, '/api/v1/status');
  }
  unsubscribe();
  return answer;
}

function frame(answer: Answer<StatusReport>, json: boolean, io: Io): string {
  if (json) return `${JSON.stringify(answer.ok ? answer.value : { error: answer.message })}\n`;
  const text = answer.ok ? formatStatus(answer.value, io.stdout) : `${answer.message}\n`;
  return io.stdout.isTerminal ? `${REDRAW}${text}` : `${text}\n`;
}
