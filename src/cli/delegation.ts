import { getServers } from 'node:dns';
import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { splitHostPort } from '../config/host-port.ts';
import { readAddress } from '../config/network.ts';
import { parseOwnerName, ROOT, shown } from '../core/name.ts';
import type { Server } from '../dns/client.ts';
import { DEFAULT_CONFIG } from './arguments.ts';
import { defineCommand } from './command.ts';
import { readConfig } from './config.ts';
import { diagnose, type Question } from './delegation/diagnose.ts';
import { ROOT_SERVERS } from './delegation/root-hints.ts';
import { counts, formatFindings } from './delegation/text.ts';
import { ExitCode } from './exit-code.ts';
import { complain, type Io, printJson } from './io.ts';

const DNS_PORT = 53;

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
    const findings = await diagnose({ zone: zone.value, config, ...place }, io.clock);
    if (json) printJson(io, { zone: shown(zone.value), ...counts(findings), findings });
    else io.stdout.write(formatFindings(findings, io.stdout));
    return counts(findings).errors === 0 ? ExitCode.ok : ExitCode.failure;
  },
});

type Places = Omit<Question, 'zone' | 'config'>;

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
