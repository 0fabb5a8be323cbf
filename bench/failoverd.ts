/** `failoverd serve` as it is, with a config that asks for the same zone as the others serve. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Contender, ServerPlan } from './peers.ts';
import { recordNames, ZONE } from './queries.ts';

/** Both addresses of the primary are its own TCP port, so that the prober has something to probe that is up. */
function config(sockets: 'batched' | 'dgram', { directory, port, workers, records }: ServerPlan): string {
  const record = (name: string) =>
    `      ${name}: {primary: [127.0.0.1, "::1"], backup: 127.0.0.2, check: {tcp: ${port}}}`;
  return `
listen: ["127.0.0.1:${port}", "[::1]:${port}"]
workers: ${workers}
database: ${directory}/failoverd.db
admin: {listen: "127.0.0.1:0"}
dns:
  sockets: ${sockets}
  rate_limit: {responses_per_second: 1000000}   # counts everything, refuses nobody
zones:
  ${ZONE}:
    nameservers: {ns1.${ZONE}: 127.0.0.1}
    static:
      - {name: "@", type: TXT, data: hello world}
    records:
${recordNames(records).map(record).join('\n')}
`;
}

export function failoverd(name: string, sockets: 'batched' | 'dgram', absent: string | null): Contender {
  return {
    name,
    absent,
    command(plan) {
      const file = path.join(plan.directory, 'failoverd.yaml');
      writeFileSync(file, config(sockets, plan));
      return [path.join(import.meta.dirname, '../bin/failoverd'), 'serve', '--config', file];
    },
  };
}
