import { setTimeout as pause } from 'node:timers/promises';
import { parseDuration } from '../core/duration.ts';
import type { DrillReport } from '../runtime/drill-report.ts';
import { ADMIN_OPTIONS, type AdminPlace, findAdmin } from './admin-place.ts';
import { get, post } from './api-client.ts';
import { defineCommand } from './command.ts';
import { formatDrill } from './drill-text.ts';
import { ExitCode } from './exit-code.ts';
import { formatTime } from './format.ts';
import { complain, type Io, printJson } from './io.ts';
import { defaultActor, type Ordered, WHO_AND_WHY, warnOfCrash } from './orders.ts';
import { nameRecord } from './records.ts';

const DEFAULT_FOR = '2m';
const POLL_MS = 1_000;
/** The last probes, and what the secondaries serve, are written within this time. */
const SETTLE_MS = 2_500;

export const drill = defineCommand({
  arguments: [{ name: 'record', isRequired: true }],
  options: {
    ...WHO_AND_WHY,
    for: { value: 'duration', help: `how long (default: ${DEFAULT_FOR})` },
    last: { value: null, help: 'begin none: print the report of the last one' },
    ...ADMIN_OPTIONS,
  },
  description: `Puts the backup to the test: answers with it for a while, then with the primary again, and prints
what was answered when and how both did. It is a real switch, marked as a drill in the history and
the status. It does not begin when the backup is not up, when the prober is blind, or when another
switch stands. It ends early when the backup fails. Interrupted, it stops to watch; the drill goes
on, and ends by itself; "release" ends it at once.`,
  examples: ['drill app.example.com --for 2m --reason "quarterly drill"', 'drill app.example.com --last'],
  async run(invocation, io) {
    const { json, options } = invocation;
    const forMs = parseDuration(options.for ?? DEFAULT_FOR);
    if (forMs === undefined || forMs < 1000) {
      const message = `--for must be a duration of at least 1s, such as 2m, found "${options.for}"`;
      return complain(io, message, ExitCode.usage);
    }
    if (options.reason === undefined && !options.last) {
      return complain(io, '--reason <text> is missing: say why', ExitCode.usage);
    }
    const place = await findAdmin(invocation, io);
    if (typeof place === 'number') return place;
    const record = nameRecord(place.config, invocation.positionals[0] ?? '');
    if (!record.ok) return complain(io, record.message, ExitCode.usage);
    const path = `/api/v1/records/${encodeURIComponent(record.value)}/drill`;
    if (!options.last) {
      const order = { forMs, reason: options.reason, actor: options.actor ?? defaultActor(io) };
      const begun = await post<Ordered>(place, path, order);
      if (!begun.ok) return complain(io, begun.message, begun.code);
      warnOfCrash(begun.value, io);
    }
    const seen = options.last ? await get<DrillReport>(place, path) : await watch(place, path, forMs, io);
    if (!seen.ok) return complain(io, seen.message, seen.code);
    if (json) printJson(io, seen.value);
    else io.stdout.write(formatDrill(seen.value, io.stdout));
    return ExitCode.ok;
  },
});

/** Waits for the drill's end, or for an interruption. */
async function watch(place: AdminPlace, path: string, forMs: number, io: Io) {
  const stop = new AbortController();
  const unsubscribe = io.onSignal('SIGINT', () => stop.abort());
  io.stderr.write(`the drill goes on until ${formatTime(io.clock.epochMs() + forMs)} at the latest\n`);
  let seen = await get<DrillReport>(place, path);
  while (!stop.signal.aborted && (!seen.ok || seen.value.status === 'running')) {
    await rest(POLL_MS, stop.signal);
    seen = await get<DrillReport>(place, path);
    if (!seen.ok && seen.code === ExitCode.unreachable) break;
  }
  if (seen.ok && seen.value.status === 'over') {
    await rest(SETTLE_MS, stop.signal);
    seen = await get<DrillReport>(place, path);
  }
  unsubscribe();
  return seen;
}

/** Ends early, and without an error, when it is interrupted. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
