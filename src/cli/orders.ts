/** The commands that order what is answered, through the admin API of the running failoverd. */

import { hostname, userInfo } from 'node:os';
import { parseDuration } from '../core/duration.ts';
import { ADMIN_OPTIONS, findAdmin } from './admin-place.ts';
import { post } from './api-client.ts';
import { defineCommand, type Invocation } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { complain, type Io, printJson } from './io.ts';
import { nameRecord } from './records.ts';

const RECORD = { name: 'record', isRequired: true };
const TARGET = { name: 'target', isRequired: true };
export const WHO_AND_WHY = {
  reason: { value: 'text', help: 'why, for the history; needed' },
  actor: { value: 'name', help: 'who orders it (default: user@host)' },
} as const;

const ORDER_OPTIONS = { ...WHO_AND_WHY, ...ADMIN_OPTIONS } as const;

export const switchTo = defineCommand({
  arguments: [RECORD, TARGET],
  options: {
    ...WHO_AND_WHY,
    for: { value: 'duration', help: 'end by itself after 30m, 2h, …' },
    force: { value: null, help: 'also to a target that is not up' },
    ...ADMIN_OPTIONS,
  },
  description: `Answers with the named target, whatever the prober finds, until "release" or for the time given.`,
  examples: ['switch app.example.com backup --reason "kernel update" --for 30m'],
  run(invocation, io) {
    const { for: given, force } = invocation.options;
    const forMs = given === undefined ? null : parseDuration(given);
    if (forMs === undefined || (forMs !== null && forMs < 1000)) {
      const message = `--for must be a duration of at least 1s, such as 30m or 2h, found "${given}"`;
      return Promise.resolve(complain(io, message, ExitCode.usage));
    }
    return order(invocation, io, (target) => ({ path: 'switch', body: { target, forMs, force } }));
  },
});

export const release = defineCommand({
  arguments: [RECORD],
  options: ORDER_OPTIONS,
  description: 'Ends a switch. What the prober has found meanwhile decides at once.',
  examples: ['release app.example.com --reason "update done"'],
  run: (invocation, io) => order(invocation, io, () => ({ path: 'release' })),
});

export const failback = defineCommand({
  arguments: [RECORD],
  options: ORDER_OPTIONS,
  description: `Returns to a better target that is up, without waiting for "failback.after", and in spite of
"failback: manual".`,
  examples: ['failback app.example.com --reason "primary checked"'],
  run: (invocation, io) => order(invocation, io, () => ({ path: 'failback' })),
});

export const drain = defineCommand({
  arguments: [RECORD, TARGET],
  options: ORDER_OPTIONS,
  description: 'Leaves the target at once, and answers with it no more while another is up, until "undrain".',
  examples: ['drain app.example.com primary --reason "new disk"'],
  run: (invocation, io) => order(invocation, io, (target) => ({ path: `targets/${encodeURIComponent(target)}/drain` })),
});

export const undrain = defineCommand({
  arguments: [RECORD, TARGET],
  options: ORDER_OPTIONS,
  description: 'Lets a drained target answer again, as soon as the rules for a failback allow it.',
  examples: ['undrain app.example.com primary --reason "disk is in"'],
  run: (invocation, io) =>
    order(invocation, io, (target) => ({ path: `targets/${encodeURIComponent(target)}/undrain` })),
});

interface Wanted {
  readonly path: string;
  readonly body?: object;
}

async function order(
  invocation: Invocation<typeof ORDER_OPTIONS>,
  io: Io,
  wanted: (target: string) => Wanted,
): Promise<ExitCode> {
  const {
    json,
    options,
    positionals: [name = '', target],
  } = invocation;
  if (options.reason === undefined) return complain(io, '--reason <text> is missing: say why', ExitCode.usage);
  const place = await findAdmin(invocation, io);
  if (typeof place === 'number') return place;
  const record = nameRecord(place.config, name, target);
  if (!record.ok) return complain(io, record.message, ExitCode.usage);
  const { path, body = {} } = wanted(target ?? '');
  const label = record.value;
  const by = { reason: options.reason, actor: options.actor ?? defaultActor(io) };
  const answer = await post<Ordered>(place, `/api/v1/records/${encodeURIComponent(label)}/${path}`, { ...body, ...by });
  if (!answer.ok) return complain(io, answer.message, answer.code);
  warnOfCrash(answer.value, io);
  if (json) printJson(io, answer.value);
  else io.stdout.write(`done: ${label}; "failoverd status" shows what is answered now\n`);
  return ExitCode.ok;
}

/** What an order answers, as far as it is read here. */
export interface Ordered {
  readonly committed: boolean;
}

export function warnOfCrash({ committed }: Ordered, io: Io): void {
  if (!committed)
    io.stderr.write('warning: it is not in the database yet: a crash in the next moments may lose the order\n');
}

/** Who is at the keyboard, also behind sudo. */
export function defaultActor({ env }: Io): string {
  return `${env.SUDO_USER ?? env.USER ?? userInfo().username}@${hostname()}`;
}
