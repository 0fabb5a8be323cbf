import type { NotifyTest } from '../runtime/status.ts';
import { ADMIN_OPTIONS, findAdmin } from './admin-place.ts';
import { post } from './api-client.ts';
import { defineCommand } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { formatDuration } from './format.ts';
import { complain, type Io, paint, printJson } from './io.ts';
import { defaultActor } from './orders.ts';

/** What `POST /api/v1/notify/test` answers. */
interface Deliveries {
  readonly deliveries: readonly NotifyTest[];
}

/** Over the longest timeout that the config allows for one attempt. */
const WAIT_MS = 70_000;

export const notify = defineCommand({
  arguments: [{ name: 'test', isRequired: true }],
  options: {
    actor: { value: 'name', help: 'who asks for it (default: user@host)' },
    ...ADMIN_OPTIONS,
  },
  description: `"notify test" sends a test to every sink under "notify" in the config of the running
failoverd, and says of each whether it took it, or why not. The exit code is 1 when one did not.`,
  examples: ['notify test', 'notify test --json'],
  async run(invocation, io) {
    const {
      json,
      options,
      positionals: [what = ''],
    } = invocation;
    if (what !== 'test') return complain(io, `"notify ${what}" is not known: it is "notify test"`, ExitCode.usage);
    const place = await findAdmin(invocation, io);
    if (typeof place === 'number') return place;
    const order = { actor: options.actor ?? defaultActor(io), reason: 'notify test' };
    const answer = await post<Deliveries>(place, '/api/v1/notify/test', order, WAIT_MS);
    if (!answer.ok) return complain(io, answer.message, answer.code);
    const { deliveries } = answer.value;
    if (json) printJson(io, answer.value);
    else print(io, deliveries);
    return deliveries.every(({ delivered }) => delivered) ? ExitCode.ok : ExitCode.failure;
  },
});

function print(io: Io, deliveries: readonly NotifyTest[]): void {
  if (deliveries.length === 0) io.stdout.write('nobody is told: there are no sinks under "notify" in the config\n');
  for (const { sink, delivered, reason, elapsedMs } of deliveries) {
    const verdict = delivered ? paint(io.stdout, 'green', 'delivered') : paint(io.stdout, 'red', 'not delivered');
    const why = reason === null ? '' : `: ${reason}`;
    io.stdout.write(`${sink}: ${verdict} in ${formatDuration(elapsedMs)}${why}\n`);
  }
}
