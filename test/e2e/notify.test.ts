/**
 * Who is told, as a receiver sees it: failoverd runs by its launcher, orders flip a record, the receiver is away, hangs or
 * refuses, and failoverd is killed in between. Proves that every transition of the table arrives, in order, signed, and
 * that the URL and the secrets of the receiver are seen nowhere.
 */
import { createHmac } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { readHistory } from '../../src/history/queries.ts';
import { startBackend } from '../helpers/backend.ts';
import { type Served, serve, status } from '../helpers/serve.ts';
import { ACCEPT, answer, HANG, type SinkServer, startSink } from '../notify/sink-server.ts';

const NAME = 'app.example.com';
const CANARY = 'canary-5e7d1c';
const SECRET = `whsec_${Buffer.from(CANARY).toString('base64')}`;

function configOf(port: number, sink: SinkServer): string {
  return `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
notify:
  - {name: hook, url: "${sink.url}?token=${CANARY}", secret: "${SECRET}", headers: {X-Token: "${CANARY}"}, on: [start, failover, failback, all_down, override, config, alarm]}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    records:
      "@": {ttl: 2s, primary: 127.0.0.41, backup: 127.0.0.42, check: {url: "http://${NAME}:${port}/", interval: 1s, timeout: 500ms}}
`;
}

async function order({ adminUrl }: Served, what: string, body: object = {}): Promise<void> {
  const response = await fetch(`${adminUrl}/api/v1/records/${NAME}/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'test', actor: 'ann', ...body }),
  });
  if (response.status !== 200) throw new Error(`${what}: ${response.status} ${await response.text()}`);
}

async function ready({ adminUrl }: Served): Promise<void> {
  while ((await fetch(`${adminUrl}/readyz`)).status !== 200) await sleep(20);
}

/** Two transitions. */
async function thereAndBack(served: Served): Promise<void> {
  await ready(served);
  await order(served, 'switch', { target: 'backup', force: true });
  await order(served, 'switch', { target: 'primary', force: true });
}

interface Event {
  readonly type: string;
  readonly data: { readonly id: string; readonly serial?: number; readonly events?: readonly Event[] };
}

function eventsOf({ received }: SinkServer): readonly Event[] {
  return received.map(({ body }) => JSON.parse(body) as Event).flatMap((event) => event.data.events ?? [event]);
}

function serialsOf(sink: SinkServer): readonly number[] {
  return [...new Set(eventsOf(sink).flatMap(({ data }) => data.serial ?? []))];
}

function isSigned({ received }: SinkServer): boolean {
  return received.every(({ headers, body }) => {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const expected = createHmac('sha256', CANARY).update(signed).digest('base64');
    return headers['webhook-signature'] === `v1,${expected}` && headers['x-token'] === CANARY;
  });
}

t.test(
  'kill -9 again and again while the receiver is away, hangs or refuses: every transition arrives, in order',
  async (t) => {
    const primary = await startBackend('127.0.0.41');
    const backup = await startBackend('127.0.0.42', primary.port);
    const sink = await startSink();
    const directory = t.testdir();
    const lines: string[] = [];
    t.teardown(() => Promise.all([primary.kill(), backup.kill(), sink.close()]));
    let running: Served | null = null;
    const start = async (): Promise<Served> => {
      running = await serve(directory, configOf(primary.port, sink));
      return running;
    };
    t.teardown(() => running?.stop('SIGKILL'));
    const until = async (what: string, isSo: () => boolean): Promise<void> => {
      for (let i = 0; i < 300 && !isSo(); i++) await sleep(50);
      t.ok(isSo(), what, {
        log: running?.lines.slice(-20),
        received: sink.received.map(({ body }) => body.slice(0, 100)),
      });
    };
    const accepted = new Set<number>();
    const collect = (): void => {
      for (const serial of serialsOf(sink)) accepted.add(serial);
    };
    for (const behaviour of [ACCEPT, HANG, answer(500, CANARY), ACCEPT, answer(404)]) {
      sink.behave(behaviour);
      sink.received.length = 0;
      const served = await start();
      await thereAndBack(served);
      await sink.count(1);
      if (behaviour === ACCEPT) await until('deliveries go on', () => eventsOf(sink).length >= 2);
      lines.push(JSON.stringify(await status(served)));
      await served.stop('SIGKILL');
      lines.push(...served.lines);
      if (behaviour === ACCEPT) collect();
    }
    sink.behave(ACCEPT);
    sink.received.length = 0;
    const served = await start();
    await thereAndBack(served);
    await served.line(/override: backup -> primary/);
    await until('the last one arrives', () => serialsOf(sink).at(-1) === readTable(directory).at(-1));
    const last = serialsOf(sink);
    t.same(last, readTable(directory).slice(-last.length), 'in order');
    collect();
    t.same([...accepted], readTable(directory), 'each of them');
    t.ok(accepted.size > 5, `${accepted.size} transitions`);
    t.ok(isSigned(sink));
    lines.push(JSON.stringify(await status(served)));
    await served.stop();
    lines.push(...served.lines);
    for (const line of lines) t.notMatch(line, CANARY);
  },
);

function readTable(directory: string): readonly number[] {
  const file = path.join(directory, 'failoverd.db');
  const rows = readHistory(file, (reader) => reader.transitions({ limit: 1_000 }));
  if (!rows.ok) throw new Error(rows.reason);
  return rows.value.map(({ serial }) => serial).reverse();
}
