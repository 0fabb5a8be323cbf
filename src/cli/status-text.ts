/** The status report as an operator reads it: the verdict first, then what is answered and why, the targets, the alarms. */
import type {
  Alarm,
  EndpointStatus,
  RecordStatus,
  SecondaryStatus,
  SinkStatus,
  StatusReport,
  TargetStatus,
} from '../runtime/status.ts';
import { count, formatAge, formatDuration, formatTime } from './format.ts';
import { type Output, paint, type Style } from './io.ts';
import { formatTable } from './table.ts';

export function formatStatus(report: StatusReport, output: Output): string {
  const nowMs = Date.parse(report.now);
  const records = report.records.map((record) => recordRow(record, nowMs, output));
  const targets = report.records.flatMap((record) =>
    record.targets.flatMap((target) => targetRows(record, target, nowMs, output)),
  );
  const secondaries = report.secondaries.map((secondary) => secondaryRow(secondary, output));
  const sinks = report.sinks.map((sink) => sinkRow(sink, nowMs, output));
  const alarms = report.alarms.map((alarm) => alarmRow(alarm, nowMs, output));
  return [
    `${verdictLine(report, output)}\n${paint(output, 'dim', serverLine(report, nowMs))}\n`,
    section(['RECORD', 'ANSWERS', 'ADDRESSES', 'SINCE', '', 'WHY'], records, output),
    section(['RECORD', 'TARGET', 'ADDRESS', 'HEALTH', 'SINCE', 'LAST PROBE'], targets, output),
    section(['ZONE', 'SECONDARY', 'STATE', 'SERIAL', 'ACKNOWLEDGED', 'LAG', 'PROBLEM'], secondaries, output),
    section(['SINK', 'FORMAT', 'STATE', 'WAITING', 'LAST DELIVERY', 'PROBLEM'], sinks, output),
    section(['ALARM', 'SUBJECT', 'SINCE', 'MESSAGE'], alarms, output),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function section(header: readonly string[], rows: readonly (readonly string[])[], output: Output): string {
  if (rows.length === 0) return '';
  return `${formatTable([header.map((title) => paint(output, 'dim', title)), ...rows])}\n`;
}

function verdictLine(report: StatusReport, output: Output): string {
  const [style, word, sentence] = verdict(report);
  const alarms = report.alarms.length > 0 ? `; ${count(report.alarms.length, 'alarm')}` : '';
  const unreached = report.sinks.filter(({ failing }) => failing !== null).map(({ sink }) => sink);
  const unheard = unreached.length > 0 ? paint(output, 'red', `; not reached: ${unreached.join(', ')}`) : '';
  return `${paint(output, style, paint(output, 'bold', word))}  ${sentence}${alarms}${unheard}`;
}

function verdict({ verdict, records, history }: StatusReport): readonly [Style, string, string] {
  const total = count(records.length, 'record');
  switch (verdict) {
    case 'ok':
      return ['green', 'OK', `${total} on the primary`];
    case 'on_backup':
      return ['yellow', 'ON BACKUP', share(records.filter(isOnBackup), records)];
    case 'all_down':
      return [
        'red',
        'ALL DOWN',
        `no target is up: ${share(
          records.filter(({ allDown }) => allDown),
          records,
        )}`,
      ];
    case 'prober_blind':
      return ['red', 'PROBER BLIND', 'its own network is down: nothing moves until that works again'];
    case 'storage_degraded':
      return ['red', 'STORAGE DEGRADED', history.status === 'degraded' ? history.reason : 'the database is in trouble'];
  }
}

/** `2 of 7 records: a.example.com, b.example.com` */
function share(some: readonly RecordStatus[], all: readonly RecordStatus[]): string {
  const names = some.map(nameOf);
  const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} more`] : names;
  return `${some.length} of ${count(all.length, 'record')}: ${shown.join(', ')}`;
}

function isOnBackup({ activeTarget, targets }: RecordStatus): boolean {
  return activeTarget !== targets[0]?.name;
}

function serverLine({ version, startedAt, listen, configPath }: StatusReport, nowMs: number): string {
  const uptime = formatDuration(nowMs - Date.parse(startedAt));
  const config = configPath === null ? '' : `, config ${configPath}`;
  return `failoverd ${version}, up ${uptime}, DNS on ${listen.join(', ')}${config}`;
}

/** The name, and which of its families where A and AAAA are decided apart. */
function nameOf({ record, family }: RecordStatus): string {
  if (family === '') return record;
  return `${record} ${family === '4' ? 'A' : 'AAAA'}`;
}

function recordRow(record: RecordStatus, nowMs: number, output: Output): readonly string[] {
  const style = record.allDown ? 'red' : isOnBackup(record) ? 'yellow' : 'green';
  const sinceMs = Date.parse(record.since);
  return [
    nameOf(record),
    paint(output, style, record.activeTarget),
    record.addresses.join(' ') || 'none',
    formatTime(sinceMs),
    formatAge(nowMs - sinceMs),
    `${whyOf(record, nowMs)}${isWithoutSpare(record) ? paint(output, 'yellow', NO_SPARE) : ''}`,
  ];
}

const NO_SPARE = '; no other target is ready';

/** Whether a failure of the active target would leave nothing to move to. Where all are down that is said already. */
function isWithoutSpare({ targets, activeTarget, allDown }: RecordStatus): boolean {
  const isReady = ({ name, status, drained }: TargetStatus): boolean =>
    name !== activeTarget && status === 'up' && !drained;
  return !allDown && !targets.some(isReady);
}

function whyOf({ cause, reason, override }: RecordStatus, nowMs: number): string {
  if (!override) return reason === '' ? cause : `${cause}: ${reason}`;
  const until =
    override.expiresAt === null
      ? 'until it is released'
      : `for ${formatDuration(Date.parse(override.expiresAt) - nowMs)} more`;
  return `${override.isDrill ? 'drill on' : 'override to'} ${override.target} by ${override.actor}, ${until}: ${override.reason}`;
}

const HEALTH_STYLE = { up: 'green', down: 'red', unknown: 'yellow' } as const satisfies Record<
  EndpointStatus['status'],
  Style
>;

function targetRows(
  record: RecordStatus,
  target: TargetStatus,
  nowMs: number,
  output: Output,
): readonly (readonly string[])[] {
  return target.endpoints.map((endpoint) => [
    nameOf(record),
    target.drained ? `${target.name} (drained)` : target.name,
    endpoint.address,
    healthOf(endpoint, output),
    endpoint.since === null ? '' : formatAge(nowMs - Date.parse(endpoint.since)),
    lastProbeOf(endpoint, nowMs),
  ]);
}

/** `up`, `up, failing 1 of 3`, `down, passing 2 of 3` */
function healthOf({ status, progress }: EndpointStatus, output: Output): string {
  const word = paint(output, HEALTH_STYLE[status], status);
  if (progress.count === 0) return word;
  return `${word}, ${status === 'down' ? 'passing' : 'failing'} ${progress.count} of ${progress.of}`;
}

function lastProbeOf({ lastProbe, check }: EndpointStatus, nowMs: number): string {
  if (lastProbe === null) return `not yet: ${check}`;
  return `${lastProbe.outcome} in ${lastProbe.elapsedMs} ms, ${formatAge(nowMs - Date.parse(lastProbe.at))}: ${check}`;
}

const SECONDARY_STYLE = { current: 'green', behind: 'red', waiting: 'yellow' } as const satisfies Record<
  SecondaryStatus['status'],
  Style
>;

function secondaryRow(secondary: SecondaryStatus, output: Output): readonly string[] {
  const { zone, address, status, serial, acknowledgedMs, lagMs, problem } = secondary;
  const inMs = (value: number | null): string => (value === null ? '' : `${value} ms`);
  const state = paint(output, SECONDARY_STYLE[status], status);
  return [zone, address, state, `${serial ?? ''}`, inMs(acknowledgedMs), inMs(lagMs), problem ?? ''];
}

/** `ok`, `failing for 3m 12s`, and `not used` for one that nothing was sent to since the start. */
function sinkRow(
  { sink, format, waiting, lastDeliveredAt, failing }: SinkStatus,
  nowMs: number,
  output: Output,
): readonly string[] {
  const state = failing
    ? paint(output, 'red', `failing for ${formatDuration(nowMs - Date.parse(failing.since))}`)
    : lastDeliveredAt === null
      ? 'not used'
      : paint(output, 'green', 'ok');
  const last = lastDeliveredAt === null ? '' : formatAge(nowMs - Date.parse(lastDeliveredAt));
  return [sink, format, state, `${waiting}`, last, failing?.reason ?? ''];
}

function alarmRow({ name, subject, since, message }: Alarm, nowMs: number, output: Output): readonly string[] {
  return [paint(output, 'red', name), subject, formatAge(nowMs - Date.parse(since)), message];
}
