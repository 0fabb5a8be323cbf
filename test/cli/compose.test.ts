/** docker-compose.yml, its Dockerfile and its config must agree; whether they work is tried with an engine, by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';

const ROOT = join(import.meta.dirname, '../..');
const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'));
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const { failoverd, primary, backup } = compose.services;

t.test('the config names the addresses and the ports of the compose network', async (t) => {
  const loaded = await loadConfig(join(ROOT, 'docker/failoverd.yaml'), {});
  if (!loaded.ok) return t.fail('the config has errors', loaded);
  const { config } = loaded;
  const [zone] = config.zones;
  t.match(zone?.nameservers, [{ addresses: [failoverd.networks.servers.ipv4_address] }]);
  t.match(
    zone?.records[0]?.targets.map(({ name, endpoints }) => [name, endpoints[0]?.address]),
    [
      ['primary', primary.networks.servers.ipv4_address],
      ['backup', backup.networks.servers.ipv4_address],
    ],
  );
  const [{ host, port } = { host: '', port: 0 }] = config.listen;
  t.equal(host, '0.0.0.0');
  t.same(failoverd.ports, [`127.0.0.1:5353:${port}/udp`, `127.0.0.1:5353:${port}/tcp`]);
  t.match(dockerfile, `EXPOSE ${port}/udp ${port}/tcp ${config.admin.listen.port}/tcp`);
  t.ok(failoverd.volumes.includes(`database:${join(config.databasePath, '..')}`));
});

t.test('failoverd runs as a numeric user without privileges, on a root file system that is read-only', async (t) => {
  t.match(dockerfile, /^USER \d+:\d+$/m);
  t.match(failoverd, { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  t.match(dockerfile, /^HEALTHCHECK /m);
});

t.test('the base image is a build argument', async (t) => {
  const args = failoverd.build.args;
  for (const name of ['BUILD_IMAGE', 'BASE_IMAGE']) {
    const [, byDefault] = dockerfile.match(new RegExp(`^ARG ${name}=(.*)$`, 'm')) ?? [];
    t.equal(args[name], `\${${name}:-${byDefault}}`);
    t.match(dockerfile, `\nFROM \${${name}}`);
  }
});
