import { getServers } from 'node:dns';
import { existsSync } from 'node:fs';
import type { Config, ZoneSpec } from '../config/config.ts';
import { shown } from '../config/names.ts';
import { readAddress, splitHostPort } from '../config/network.ts';
import { type OwnerName, parseOwnerName, ROOT } from '../core/name.ts';
import { createDnsClient, type Server } from '../dns/client.ts';
import type { RecordStatus, StatusReport } from '../runtime/status.ts';
import { get } from './api-client.ts';
import { DEFAULT_CONFIG } from './arguments.ts';
import { defineCommand } from './command.ts';
import { readConfig } from './config.ts';
import type { Decided } from './delegation/answers.ts';
import type { Finding } from './delegation/finding.ts';
import { judge } from './delegation/findings.ts';
import { observe, type Subject } from './delegation/observe.ts';
import { ROOT_SERVERS } from './delegation/root-hints.ts';
import { counts, formatFindings } from './delegation/text.ts';
import { createWalker } from './delegation/walk.ts';
import { ExitCode } from './exit-code.ts';
import { complain, type Io, printJson } from './io.ts';

const DNS_PORT = 53;
/** So long secondaries may be behind after a flip. */
const TRANSFER_MS = 1000;
/** More records tell nothing more about the delegation. */
const MAX_RECORDS = 20;

export const delegation = defineCommand({
  arguments: [{ name: 'zone', isRequired: true }],
  options: {
    from: { value: 'addresses', help: "begin at these servers, such as the parent's, not at the root" },
    resolver: { value: 'address', help: "ask this resolver instead of the system's" },
    port: { value: 'number', help: 'the port of the servers on the way (default: 53)' },
  },
  description: `Walks from the root to the zone as a resolver does, and reports like a doctor: whether parent
and zone agree on the name servers and their addresses, whether each of them answers over UDP and
TCP, and whether resolvers get what is decided now. Every fault comes with its remedy. It compares
with the zone's config where there is one, and reports on any zone of the world without. It ends
with exit code 1 when something is wrong. It sends queries only.`,
  examples: [
    'delegation app.example.com',
    'delegation app.example.com --from 192.0.2.1,192.0.2.2 --resolver 192.0.2.53',
    'delegation app.example.com --json',
  ],
  async run({ configPath, json, options, positionals: [text = ''] }, io) {
    const zone = parseOwnerName(text);
    if (!zone.ok) return complain(io, `"${text}" is no domain name: it ${zone.problem}`, ExitCode.usage);
    if (zone.value === ROOT) return complain(io, 'the root has no parent', ExitCode.usage);
    const place = readPlaces(options);
    if (typeof place === 'string') return complain(io, place, ExitCode.usage);
    const config = await configIfAny(configPath, io);
    if (config === null) return ExitCode.config;
    const subject = subjectOf(
      zone.value,
      config?.zones.find(({ apex }) => apex === zone.value),
    );
    const client = createDnsClient(io.clock);
    const walker = createWalker({ client, from: place.from, port: place.port });
    const examine = async (): Promise<readonly Finding[]> => {
      const decided = await decidedNow(config, zone.value);
      return judge(await observe(subject, { client, walker, ...place }), subject, decided);
    };
    const first = await examine();
    // A transfer may have been under way.
    const isLagging = first.some(({ severity, check }) => severity === 'error' && check === 'serial');
    if (isLagging) await new Promise<void>((resolve) => io.clock.setTimer(TRANSFER_MS, resolve));
    const findings = isLagging ? await examine() : first;
    if (json) printJson(io, { zone: shown(zone.value), ...counts(findings), findings });
    else io.stdout.write(formatFindings(findings, io.stdout));
    return counts(findings).errors === 0 ? ExitCode.ok : ExitCode.failure;
  },
});

interface Places {
  readonly from: readonly Server[];
  readonly resolver: Server | null;
  readonly port: number;
}

/** @returns one line about what cannot be used. */
function readPlaces(options: {
  from: string | undefined;
  resolver: string | undefined;
  port: string | undefined;
}): Places | string {
  const port = Number(options.port ?? DNS_PORT);
  if (!(Number.isInteger(port) && port > 0 && port < 65_536))
    return `--port must be a number from 1 to 65535, found "${options.port}"`;
  const from = options.from?.split(',').map((text) => readServer(text.trim(), port));
  const resolver = readServer(options.resolver ?? getServers()[0] ?? '', DNS_PORT);
  const wrong = from?.find((server) => typeof server === 'string');
  if (typeof wrong === 'string') return `--from ${wrong}`;
  if (options.resolver !== undefined && typeof resolver === 'string') return `--resolver ${resolver}`;
  return {
    from: from?.filter((server) => typeof server !== 'string') ?? ROOT_SERVERS.map((address) => ({ address, port })),
    resolver: typeof resolver === 'string' ? null : resolver,
    port,
  };
}

/** `192.0.2.1`, `2001:db8::1`, `192.0.2.1:5300`, `[2001:db8::1]:5300` */
function readServer(text: string, port: number): Server | string {
  const parts = splitHostPort(text) ?? { host: text, port };
  const address = readAddress(parts.host);
  return typeof address === 'string' ? { address, port: parts.port } : `must be an IP address, found "${text}"`;
}

/** Undefined when there is none where one is looked for by default; null after its problems have been printed. */
async function configIfAny(path: string, io: Io): Promise<Config | null | undefined> {
  if (path === DEFAULT_CONFIG && !existsSync(path)) return undefined;
  return readConfig(path, io);
}

function subjectOf(zone: OwnerName, spec: ZoneSpec | undefined): Subject {
  const records = spec?.records.map(({ name }) => name).filter((name) => !name.startsWith('*.')) ?? [zone];
  const nameservers = new Map(spec?.nameservers.map(({ name, addresses }) => [name, addresses]));
  return { zone, nameservers, records: records.slice(0, MAX_RECORDS) };
}

/** What the running failoverd answers in the zone; a text: why that is not known. */
async function decidedNow(config: Config | undefined, zone: OwnerName): Promise<readonly Decided[] | string> {
  if (!config) return 'there is no config here; name it with --config';
  if (!config.zones.some(({ apex }) => apex === zone)) return `the config has no zone ${shown(zone)}`;
  const status = await get<StatusReport>(config, '/api/v1/status');
  if (!status.ok) return status.message;
  const nowMs = Date.parse(status.value.now);
  return status.value.records.flatMap((record) => decidedOf(record, nowMs));
}

function decidedOf({ record, addresses, ttlSeconds, since }: RecordStatus, nowMs: number): readonly Decided[] {
  const name = parseOwnerName(record);
  return name.ok ? [{ record: name.value, addresses, ttlSeconds, ageMs: nowMs - Date.parse(since) }] : [];
}
