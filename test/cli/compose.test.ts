/** docker-compose.yml, its Dockerfile and its config must agree; whether they work is tried with an engine, by hand. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { freePort } from '../helpers/secondaries.ts';
import { digUntil, serve } from '../helpers/serve.ts';

const ROOT = join(import.meta.dirname, '../..');
const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'));
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const { failoverd, primary, backup, resolver } = compose.services;

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

t.test('the images say what they are, and every service runs without privileges', async (t) => {
  for (const label of ['title', 'description', 'version', 'source', 'licenses']) {
    t.match(dockerfile, `org.opencontainers.image.${label}=`);
  }
  for (const [name, service] of Object.entries(compose.services)) t.match(service, { cap_drop: ['ALL'] }, name);
});

const unboundConf = readFileSync(join(ROOT, 'docker/resolver/unbound.conf'), 'utf8');

t.test('the resolver asks failoverd of the compose network', async (t) => {
  t.match(unboundConf, `stub-addr: ${failoverd.networks.servers.ipv4_address}@5353`);
  t.same(resolver.ports, ['127.0.0.1:5354:5353/udp', '127.0.0.1:5354:5353/tcp']);
  t.match(resolver.depends_on, { failoverd: { condition: 'service_healthy' } });
});

const noUnbound = spawnSync('unbound', ['-V']).status === 0 ? false : 'unbound is not installed';

t.test(
  'unbound with the config of the compose network answers with what failoverd decides',
  { skip: noUnbound },
  async (t) => {
    const directory = t.testdir();
    const port = await freePort('127.0.0.1');
    const served = await serve(
      directory,
      `listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 127.0.0.1}
    records:
      "@": {primary: 127.0.0.21, backup: 127.0.0.22, check: {tcp: 9}}
`,
    );
    t.teardown(() => served.stop());
    const conf = join(directory, 'unbound.conf');
    writeFileSync(
      conf,
      unboundConf
        .replace(/interface: .*/, 'interface: 127.0.0.1')
        .replace(/port: .*/, `port: ${port}`)
        .replace(/stub-addr: .*/, `stub-addr: 127.0.0.1@${served.dnsPort}`),
    );
    const unbound = spawn('unbound', ['-d', '-c', conf], { stdio: 'ignore' });
    t.teardown(async () => {
      unbound.kill();
      await once(unbound, 'exit');
    });
    await digUntil(port, 'app.example.com', '127.0.0.21');
    t.equal(unbound.exitCode, null);
  },
);
