/** Configurations of the name servers that failoverd is compared with, where they are installed. Loopback only. */
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { recordNames, ZONE } from './queries.ts';

export interface ServerPlan {
  /** An empty directory of its own. */
  readonly directory: string;
  readonly port: number;
  /** UDP workers. */
  readonly workers: number;
  /** Failover names in the zone. */
  readonly records: number;
}

export interface Contender {
  readonly name: string;
  /** Why it cannot run here; null when it can. */
  readonly absent: string | null;
  /** Measured only when it is asked for by name. */
  readonly isExtra?: boolean;
  /** Writes its configuration and returns its command line, for a process in the foreground. */
  command(plan: ServerPlan): string[];
}

const PRIMARY = '192.0.2.10';
const PRIMARY_V6 = '2001:db8::10';

function find(binary: string): string | null {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  const found = directories.find((directory) => {
    try {
      accessSync(path.join(directory, binary), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return found ? path.join(found, binary) : null;
}

/** The zone in master-file form; `line` makes the lines of one failover name. */
export function zoneFile(records: number, line = addressLines): string {
  return [
    `$ORIGIN ${ZONE}.`,
    '$TTL 10',
    `@ IN SOA ns1.${ZONE}. hostmaster.${ZONE}. 1 3600 600 1209600 10`,
    `@ 3600 IN NS ns1.${ZONE}.`,
    'ns1 3600 IN A 127.0.0.1',
    '@ IN TXT "hello world"',
    ...recordNames(records).map(line),
    '',
  ].join('\n');
}

function addressLines(name: string): string {
  return `${name} IN A ${PRIMARY}\n${name} IN AAAA ${PRIMARY_V6}`;
}

function write(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function peer(name: string, binary: string, configure: (plan: ServerPlan) => string[]): Contender {
  const found = find(binary);
  return {
    name,
    absent: found ? null : `${binary} is not installed`,
    command: (plan) => [found ?? binary, ...configure(plan)],
  };
}

const gdnsd = peer('gdnsd', 'gdnsd', ({ directory, port, workers, records }) => {
  const resources = recordNames(records).map(
    (name) =>
      `${name} => { service_types => up, addrs_v4 => { primary => ${PRIMARY}, secondary => 198.51.100.20 },
        addrs_v6 => { service_types => up, primary => ${PRIMARY_V6}, secondary => 2001:db8::20 } }`,
  );
  write(directory, {
    config: `options => { listen => { 127.0.0.1:${port} => { udp_threads = ${workers}, tcp_threads = 1 } }
      run_dir => ${directory}/run, state_dir => ${directory}/state }
      plugins => { simplefo => { ${resources.join('\n')} } }`,
    [`zones/${ZONE}`]: zoneFile(records, (name) => `${name} 10 DYNA simplefo!${name}`),
  });
  return ['-c', directory, 'start'];
});

const knot = peer('knot', 'knotd', ({ directory, port, workers, records }) => {
  write(directory, {
    zone: zoneFile(records),
    'knot.conf': `
server:
    rundir: "${directory}"
    listen: 127.0.0.1@${port}
    udp-workers: ${workers}
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: "${directory}/db"
control:
    listen: "${directory}/knot.sock"
zone:
  - domain: ${ZONE}
    storage: "${directory}"
    file: zone
    zonefile-sync: -1
    journal-content: none
`,
  });
  return ['-c', path.join(directory, 'knot.conf')];
});

const nsd = peer('nsd', 'nsd', ({ directory, port, workers, records }) => {
  write(directory, {
    zone: zoneFile(records),
    'nsd.conf': `
server:
  ip-address: 127.0.0.1@${port}
  server-count: ${workers}
  reuseport: ${workers > 1 ? 'yes' : 'no'}
  username: ""
  chroot: ""
  zonesdir: "${directory}"
  database: ""
  pidfile: "${directory}/nsd.pid"
  xfrdfile: "${directory}/xfrd.state"
  zonelistfile: "${directory}/zone.list"
  xfrdir: "${directory}"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: ${ZONE}
  zonefile: zone
`,
  });
  return ['-d', '-c', path.join(directory, 'nsd.conf')];
});

const bind = peer('bind', 'named', ({ directory, port, workers, records }) => {
  write(directory, {
    zone: zoneFile(records),
    'named.conf': `
options { directory "${directory}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no;
  pid-file "${directory}/named.pid"; session-keyfile "${directory}/session.key"; minimal-responses yes; querylog no;
  dnssec-validation no; notify no; allow-transfer { none; }; };
controls { };
zone "${ZONE}" { type primary; file "${directory}/zone"; };
`,
  });
  return ['-g', '-n', `${workers}`, '-c', path.join(directory, 'named.conf')];
});

function powerdns(name: string, lineFor: (port: number) => (name: string) => string): Contender {
  return peer(name, 'pdns_server', ({ directory, port, workers, records }) => {
    write(directory, {
      zone: zoneFile(records, lineFor(port)),
      'named.conf': `zone "${ZONE}" { type native; file "${directory}/zone"; };\n`,
      'pdns.conf': `launch=bind
bind-config=${directory}/named.conf
local-address=127.0.0.1
local-port=${port}
socket-dir=${directory}
daemon=no
guardian=no
disable-syslog=yes
loglevel=3
enable-lua-records=yes
receiver-threads=${workers}
distributor-threads=1
reuseport=yes
setuid=
setgid=
`,
    });
    return [`--config-dir=${directory}`];
  });
}

/** Each name is a failover record; the port that is watched is PowerDNS's own, so that the primary is up. */
function luaLines(port: number): (name: string) => string {
  return (name) => `${name} IN LUA A "ifportup(${port}, {{'127.0.0.1'},{'127.0.0.3'}})"\n${name} IN AAAA ${PRIMARY_V6}`;
}

export const peers: readonly Contender[] = [
  gdnsd,
  knot,
  nsd,
  bind,
  powerdns('powerdns', () => addressLines),
  powerdns('powerdns-lua', luaLines),
];
