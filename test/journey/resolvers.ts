/** Recursive resolvers as their packages come, told only where the root of this network is. None validates: nothing here is signed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type ResolverName = 'unbound' | 'bind' | 'knot-resolver' | 'powerdns';

interface Recipe {
  readonly title: string;
  readonly binary: string;
  readonly version: readonly string[];
  readonly file: string;
  readonly config: (at: Place) => string;
  readonly args: (at: Place) => readonly string[];
}

interface Place {
  readonly directory: string;
  readonly address: string;
  readonly root: string;
}

const RECIPES: Readonly<Record<ResolverName, Recipe>> = {
  unbound: {
    title: 'Unbound',
    binary: 'unbound',
    version: ['-V'],
    file: 'unbound.conf',
    args: ({ directory }) => ['-d', '-c', `${directory}/unbound.conf`],
    config: ({ directory, address }) => `
server:
  interface: ${address}
  access-control: 198.18.0.0/16 allow
  root-hints: "${directory}/root.hints"
  directory: "${directory}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
remote-control:
  control-enable: no
`,
  },
  bind: {
    title: 'BIND',
    binary: 'named',
    version: ['-v'],
    file: 'named.conf',
    args: ({ directory }) => ['-g', '-n', '1', '-c', `${directory}/named.conf`],
    config: ({ directory, address }) => `
options {
  directory "${directory}"; pid-file none; session-keyfile none;
  recursion yes; allow-query { any; }; dnssec-validation no;
  listen-on { ${address}; }; listen-on-v6 { none; };
};
controls { };
zone "." { type hint; file "${directory}/root.hints"; };
`,
  },
  'knot-resolver': {
    title: 'Knot Resolver',
    binary: 'kresd',
    version: ['--version'],
    file: 'kresd.conf',
    args: ({ directory }) => ['-n', '-c', `${directory}/kresd.conf`, directory],
    config: ({ address, root }) => `
net.listen('${address}', 53)
net.ipv6 = false
trust_anchors.remove('.')
modules.load('hints')
hints.root({ ['a.root.'] = '${root}' })
cache.size = 10 * MB
`,
  },
  powerdns: {
    title: 'PowerDNS Recursor',
    binary: 'pdns_recursor',
    version: ['--version'],
    file: 'recursor.conf',
    args: ({ directory }) => [`--config-dir=${directory}`],
    config: ({ directory, address }) => `
local-address=${address}
allow-from=198.18.0.0/16
hint-file=${directory}/root.hints
socket-dir=${directory}
dnssec=off
security-poll-suffix=
threads=1
`,
  },
};

export const RESOLVERS = Object.keys(RECIPES) as readonly ResolverName[];

/** Why this one cannot take part here; null when it can. */
export function resolverMissing(name: ResolverName): string | null {
  const { binary } = RECIPES[name];
  return spawnSync('sh', ['-c', `command -v ${binary}`]).status === 0 ? null : `${binary} is not installed`;
}

/** Its name and version for people, such as `Unbound 1.17.1`. */
export function describe(name: ResolverName): string {
  const { title, binary, version } = RECIPES[name];
  const { stdout, stderr } = spawnSync(binary, version, { encoding: 'utf8' });
  return `${title} ${/\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? ''}`.trim();
}

/** Writes its config into a directory of its own. @returns the command that runs it. */
export function prepareResolver(name: ResolverName, parent: string, address: string, root: string): readonly string[] {
  const { binary, file, config, args } = RECIPES[name];
  const place = { directory: path.join(parent, name), address, root };
  mkdirSync(place.directory);
  writeFileSync(path.join(place.directory, 'root.hints'), `. 3600000 NS a.root.\na.root. 3600000 A ${root}\n`);
  writeFileSync(path.join(place.directory, file), config(place));
  return [binary, ...args(place)];
}
