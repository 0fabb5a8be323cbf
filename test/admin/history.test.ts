import t, { type Test } from 'tap';
import type { AdminHandlers } from '../../src/admin/routes.ts';
import { availabilityReport } from '../../src/runtime/availability.ts';
import type { ProbeView, TransitionView } from '../../src/runtime/history-report.ts';
import type { HistoryReader } from '../../src/runtime/ports.ts';
import { fakeHandlers, fakeReader, serveAdmin } from '../helpers/admin.ts';
import { record } from '../helpers/engine.ts';

const NOW = Date.UTC(2026, 6, 31, 12);
const PRIMARY = '192.0.2.10 tcp 80';
const BACKUP = '198.51.100.20 tcp 80';

const TRANSITION: TransitionView = {
  ...{ id: 9, at: '2026-07-31T11:00:00.000Z', record: 'app.example.com', cause: 'failover', evidence: { probes: [] } },
  ...{ fromTarget: 'primary', toTarget: 'backup', fromAddresses: ['192.0.2.10'], toAddresses: ['198.51.100.20'] },
  ...{
    reason: 'primary 192.0.2.10: refused ×3',
    actor: 'prober',
    serial: 7,
    firstFailAt: null,
    detectedMs: 2000,
    isDrill: false,
  },
};

const PROBE: ProbeView = {
  ...{
    id: 5,
    at: '2026-07-31T11:00:00.000Z',
    endpoint: PRIMARY,
    trigger: 'interval',
    outcome: 'fail',
    reason: 'status',
  },
  ...{ phase: 'headers', detail: '503', elapsedMs: 1.5, phasesMs: null, httpStatus: 503, bodySample: 'a secret?' },
  ...{ bodySha256: null, certificateExpiresAt: null },
};

/** An API before a database that remembers what it was asked. */
async function serve(t: Test, over: Partial<HistoryReader> = {}) {
  const asked: unknown[] = [];
  const remember =
    <T>(value: T) =>
    async (query: unknown) => {
      asked.push(query);
      return { ok: true as const, value };
    };
  const reader = fakeReader({
    transitions: remember([TRANSITION]),
    probes: remember([PROBE]),
    audit: remember([]),
    timeline: remember([
      { record: 'app.example.com', atMs: NOW - 600_000, cause: 'start', toTarget: 'primary', isIPv6: false },
    ]),
    upFractions: remember([{ endpoint: PRIMARY, upFraction: 0.75 }]),
    ...over,
  });
  const clock: AdminHandlers['clock'] = { epochMs: () => NOW, setTimer: () => () => {} };
  const availability: AdminHandlers['availability'] = (records, window) => availabilityReport(reader, records, window);
  const handlers = fakeHandlers({ reader, clock, recordSpecs: () => [record()], availability });
  const { url } = await serveAdmin(t, handlers);
  const get = async (path: string): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${url}/api/v1/${path}`);
    return { status: response.status, body: await response.json() };
  };
  return { get, asked };
}

t.test('GET /api/v1/transitions takes record, since, limit and cursor', async (t) => {
  const { get, asked } = await serve(t);
  const { evidence: _, ...shown } = TRANSITION;
  t.same(await get('transitions'), { status: 200, body: { transitions: [shown], next: null } });
  t.same(await get('transitions?record=APP.example.com.&since=24h&limit=1&cursor=12'), {
    status: 200,
    body: { transitions: [shown], next: '9' },
  });
  await get('transitions?since=2026-07-31T10:00:00Z');
  t.same(asked, [
    { limit: 100 },
    { record: 'app.example.com.', sinceEpochMs: NOW - 86_400_000, limit: 1, beforeId: 12 },
    { sinceEpochMs: NOW - 7_200_000, limit: 100 },
  ]);
});

t.test('GET /api/v1/probes names the target of the record that is asked for, and shows no body', async (t) => {
  const { get, asked } = await serve(t);
  const { phasesMs: _, bodySample: __, bodySha256: ___, certificateExpiresAt: ____, ...shown } = PROBE;
  t.same((await get('probes?record=app.example.com')).body, { probes: [{ ...shown, target: 'primary' }], next: null });
  t.same((await get('probes')).body, { probes: [{ ...shown, target: null }], next: null });
  await get(`probes?endpoint=${encodeURIComponent(BACKUP)}`);
  await get('probes?record=app.example.com&endpoint=192.0.2.99%20tcp%2080');
  t.same(asked, [
    { endpointIds: [PRIMARY, BACKUP], limit: 100 },
    { limit: 100 },
    { endpointIds: [BACKUP], limit: 100 },
    { endpointIds: [], limit: 100 },
  ]);
});

t.test('GET /api/v1/availability gives the shares of a window', async (t) => {
  const { get, asked } = await serve(t);
  t.same(await get('availability?record=app.example.com&window=1h'), {
    status: 200,
    body: {
      ...{ window: '1h', from: '2026-07-31T11:00:00.000Z', to: '2026-07-31T12:00:00.000Z' },
      records: [
        {
          ...{ record: 'app.example.com', answeredFraction: 1, onPrimaryFraction: 1, transitions: 1 },
          targets: [
            { target: 'primary', upFraction: 0.75 },
            { target: 'backup', upFraction: null },
          ],
        },
      ],
    },
  });
  t.match(asked, [{ record: 'app.example.com.' }, { endpointIds: [PRIMARY, BACKUP], toMs: NOW }]);
});

t.test('what cannot be asked is 400 or 404, in words (RFC 9457)', async (t) => {
  const { get } = await serve(t);
  for (const [path, status, detail] of [
    ['transitions?limit=0', 400, /"limit" must be a whole number from 1 to 1000/],
    ['transitions?limit=1001', 400, /"limit"/],
    ['transitions?cursor=x', 400, /"cursor" must be the "next" of another page/],
    ['transitions?since=yesterday', 400, /"since" must be a duration such as 24h or 7d, or a time/],
    ['transitions?record=a..b', 400, /"a..b" is no domain name/],
    ['probes?record=other.example.com', 404, /there is no record other.example.com/],
    ['availability?window=32d', 400, /"window" must be a duration up to 31d/],
    ['availability?record=other.example.com', 404, /there is no record other.example.com/],
    ['audit?limit=1.5', 400, /"limit"/],
  ] as const) {
    t.match(await get(path), { status, body: { status, detail } }, path);
  }
});

t.test('a database that gives nothing now is 503 with its reason', async (t) => {
  const refused = async () => ({ ok: false as const, reason: 'failoverd.db: the disk reports an error' });
  const { get } = await serve(t, { transitions: refused, probes: refused, audit: refused, timeline: refused });
  for (const path of ['transitions', 'probes', 'audit', 'availability']) {
    t.match(await get(path), { status: 503, body: { detail: 'failoverd.db: the disk reports an error' } }, path);
  }
});
