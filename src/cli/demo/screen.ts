/** How the demo shows itself: to people, or as one JSON object a line. */

import { extname } from 'node:path';
import { shown } from '../../core/name.ts';
import type { Transition } from '../../core/transition.ts';
import type { RecordStatus } from '../../runtime/status.ts';
import { formatSeconds, formatTime } from '../format.ts';
import { type Output, paint, type Style } from '../io.ts';
import { formatTable } from '../table.ts';
import { RECORD, type Stage } from './stage.ts';

export interface Screen {
  intro(stage: Stage): void;
  /** What the demo itself does. */
  act(epochMs: number, what: string): void;
  /** What is answered from now on. */
  answers(answer: Answer): void;
}

export interface Answer {
  readonly atEpochMs: number;
  /** Without the final dot. */
  readonly record: string;
  readonly cause: string;
  readonly target: string;
  readonly addresses: readonly string[];
  readonly reason: string;
  readonly detectedMs: number | null;
}

export function answerAfter(transition: Transition): Answer {
  const { atEpochMs, record, cause, toTarget: target, toAddresses: addresses, reason, detectedMs } = transition;
  return { atEpochMs, record: shown(record), cause, target, addresses, reason, detectedMs };
}

export function answerOf({ since, record, cause, activeTarget: target, addresses, reason }: RecordStatus): Answer {
  return { atEpochMs: Date.parse(since), record, cause, target, addresses, reason, detectedMs: null };
}

/** The lines to try, with what each shows. */
function suggestions({
  dnsPort,
  databasePath,
  configPath,
}: Stage): readonly (readonly [line: string, shows: string])[] {
  const failoverd = extname(import.meta.filename) === '.ts' ? 'bin/failoverd' : 'failoverd';
  const columns = 'at, cause, from_target, to_target, reason';
  return [
    [`dig @127.0.0.1 -p ${dnsPort} ${RECORD} +short`, 'what is answered now'],
    [`sqlite3 -box ${databasePath} 'SELECT ${columns} FROM failover_history'`, 'every transition so far'],
    [`${failoverd} status --config ${configPath}`, 'the state of it all'],
  ];
}

export function jsonScreen(output: Output): Screen {
  const print = (value: object) => output.write(`${JSON.stringify(value)}\n`);
  return {
    intro(stage) {
      const { dnsPort, httpPort, dashboardUrl, databasePath, configPath } = stage;
      print({
        event: 'start',
        dnsPort,
        httpPort,
        dashboardUrl,
        databasePath,
        configPath,
        try: suggestions(stage).map(([line]) => line),
      });
    },
    act: (epochMs, what) => print({ event: 'demo', at: new Date(epochMs).toISOString(), what }),
    answers: ({ atEpochMs, ...answer }) => print({ event: 'answer', at: new Date(atEpochMs).toISOString(), ...answer }),
  };
}

const CAUSE_WIDTH = 10;

export function textScreen(output: Output, everyMs: number): Screen {
  function line(epochMs: number, style: Style, label: string, text: string): void {
    const time = formatTime(epochMs).slice(11);
    output.write(`  ${paint(output, 'dim', time)}  ${paint(output, style, label.padEnd(CAUSE_WIDTH))}  ${text}\n`);
  }
  return {
    intro: (stage) => output.write(introText(stage, output, everyMs)),
    act: (epochMs, what) => line(epochMs, 'dim', 'demo', paint(output, 'dim', what)),
    answers(answer) {
      const style = answer.cause === 'failover' || answer.cause === 'all_down' ? 'yellow' : 'green';
      line(answer.atEpochMs, style, answer.cause, describe(answer, output));
    },
  };
}

function introText(stage: Stage, output: Output, everyMs: number): string {
  const { primary, backup, dnsPort, httpPort, dashboardUrl, databasePath } = stage;
  const isTaken = dnsPort !== 5353;
  const facts = [
    ['DNS', `127.0.0.1:${dnsPort}, UDP and TCP${isTaken ? ' (5353 is taken)' : ''}`],
    ['dashboard', paint(output, 'cyan', dashboardUrl)],
    ['primary', `http://${primary.address}:${httpPort}`],
    ['backup', `http://${backup.address}:${httpPort}`],
    ['database', databasePath],
  ].map(([name = '', value = '']) => ['', paint(output, 'dim', name), value]);
  const tries = suggestions(stage).map(
    ([line, shows]) => `  ${paint(output, 'dim', `# ${shows}`)}\n  ${paint(output, 'cyan', line)}`,
  );
  return `${paint(output, 'bold', 'failoverd demo')}: ${RECORD} is answered with its primary, and with its backup while the primary is down

${formatTable(facts)}

Try in another terminal:

${tries.join('\n')}

Every ${formatSeconds(everyMs).replace('.0', '')} the primary breaks or is mended. Ctrl-C ends everything.

`;
}

/** `app.example.com is 127.0.0.12 (backup): primary 127.0.0.11: refused ×3, detected in 1.3 s` */
function describe({ record, target, addresses, reason, detectedMs }: Answer, output: Output): string {
  const answer = paint(output, 'bold', addresses.join(' ') || 'nothing');
  const speed = detectedMs === null ? '' : `, detected in ${formatSeconds(detectedMs)}`;
  return `${record} is ${answer} (${target}): ${reason}${speed}`;
}
