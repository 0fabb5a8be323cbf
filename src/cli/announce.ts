/** What a server says when it has started: where it listens, and what may be expected of each record. */

import type { Config } from '../config/config.ts';
import { formatHostPort } from '../config/host-port.ts';
import { shown } from '../core/name.ts';
import { predict } from '../core/predict.ts';
import type { Log } from '../runtime/ports.ts';
import type { Daemon } from './daemon.ts';
import { formatBound } from './format.ts';
import { type Output, paint } from './io.ts';
import { describeTargets, formatRecords } from './overview.ts';
import { recordsOf } from './records.ts';
import { VERSION } from './version.ts';

type Listening = Pick<Daemon, 'addresses' | 'adminAddress'>;

/** For a terminal. */
export function announcement(config: Config, { addresses, adminAddress }: Listening, output: Output): string {
  return `${paint(output, 'bold', `failoverd ${VERSION}`)} answers DNS on ${addresses.map(formatHostPort).join(', ')} (UDP and TCP)
admin API on http://${formatHostPort(adminAddress)}, database ${config.databasePath}
dashboard: http://${formatHostPort(adminAddress)}/

${formatRecords(recordsOf(config), output)}

`;
}

/** The same for machines. */
export function announceInLog(config: Config, { addresses, adminAddress }: Listening, log: Log): void {
  const dns = addresses.map(formatHostPort);
  const admin = `http://${formatHostPort(adminAddress)}`;
  const { databasePath: database } = config;
  log.info(
    { version: VERSION, dns, admin, database, config: config.path },
    `failoverd ${VERSION} answers DNS on ${dns.join(', ')} (UDP and TCP); admin API on ${admin}, database ${database}`,
  );
  for (const record of recordsOf(config)) {
    const prediction = predict(record);
    const { hangMs, clientMs } = prediction;
    const bounds = `a failure is detected within ${formatBound(hangMs)}, clients follow within ${formatBound(clientMs)}`;
    log.info(
      { record: shown(record.name), prediction },
      `${shown(record.name)}: ${describeTargets(record)}; ${bounds}`,
    );
  }
}
