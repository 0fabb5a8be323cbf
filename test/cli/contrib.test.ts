/** What stands in contrib/ must fit the program: its paths, its exit codes, its routes. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { supervisionRoutes } from '../../src/admin/supervision.ts';
import { ExitCode } from '../../src/cli/exit-code.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { LAUNCHER } from '../helpers/serve.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

const unit = read('contrib/systemd/failoverd.service');
const install = read('docs/install.md');

/** The values of a key in the unit, in order. */
const valuesOf = (key: string): readonly string[] =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);

t.test('failoverd.service has no privilege but port 53, and is back soon after a crash', async (t) => {
  for (const key of ['AmbientCapabilities', 'CapabilityBoundingSet']) t.same(valuesOf(key), ['CAP_NET_BIND_SERVICE']);
  t.same(
    [valuesOf('NoNewPrivileges'), valuesOf('ProtectSystem'), valuesOf('DynamicUser')],
    [['yes'], ['strict'], ['yes']],
  );
  t.same(
    [valuesOf('Restart'), valuesOf('RestartSec'), valuesOf('StartLimitIntervalSec')],
    [['always'], ['100ms'], ['0']],
  );
  t.same(valuesOf('RestartPreventExitStatus'), [`${ExitCode.usage} ${ExitCode.config}`]);
  t.same(valuesOf('SystemCallFilter').at(-1), 'sched_setattr'); // what is allowed last is allowed
  t.same([valuesOf('Type'), valuesOf('NotifyAccess'), valuesOf('WatchdogSec')], [['notify'], ['all'], ['10s']]);
});

const analyze = (...args: readonly string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
const skip = analyze('--version').status === 0 ? false : 'systemd-analyze is not installed';

/** The unit where the program is this checkout. */
function unitHere(directory: string): string {
  const file = join(directory, 'failoverd.service');
  writeFileSync(file, unit.replace('ExecStart=failoverd', `ExecStart=${LAUNCHER}`));
  return file;
}

t.test('systemd-analyze verify has nothing to say of failoverd.service', { skip }, async (t) => {
  const { status, stdout, stderr } = analyze('verify', '--man=no', unitHere(t.testdir()));
  t.same({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
});

t.test('systemd-analyze security rates failoverd.service as docs/install.md says', { skip }, async (t) => {
  const { stdout } = analyze('security', '--offline=true', '--no-pager', unitHere(t.testdir()));
  const score = Number(/Overall exposure level for failoverd\.service: ([\d.]+)/.exec(stdout)?.[1]);
  const documented = Number(/exposure level of ([\d.]+)/.exec(install)?.[1]);
  t.ok(Math.abs(score - documented) <= 0.3, `${score}, documented ${documented}`); // it varies with systemd's version
});

const manifests = parseAllDocuments(read('contrib/kubernetes/failoverd.yaml')).map((document) => document.toJS());
const [configMap, set, service] = manifests;
const [container] = set.spec.template.spec.containers;

t.test('contrib/kubernetes: the config is right, and its ports and paths are those of the pod', async (t) => {
  const result = parseConfig(
    configMap.data['failoverd.yaml'].replace(/token_file: .*/, `token: ${'t'.repeat(32)}`),
    'failoverd.yaml',
    {},
  );
  if (!result.ok) return t.fail('the config has errors', result);
  t.same(result.warnings, []);
  const { listen, admin, databasePath } = result.config;
  const ports = Object.fromEntries(
    container.ports.map((port: { name: string; containerPort: number }) => [port.name, port.containerPort]),
  );
  t.same(ports, { 'dns-udp': listen[0]?.port, 'dns-tcp': listen[0]?.port, admin: admin.listen.port });
  t.same(
    service.spec.ports.map(({ port, targetPort, protocol }: Record<string, unknown>) => [port, targetPort, protocol]),
    [
      [53, 'dns-udp', 'UDP'],
      [53, 'dns-tcp', 'TCP'],
    ],
  );
  const mounts = new Map(container.volumeMounts.map((one: Record<string, unknown>) => [one.name, one.mountPath]));
  t.equal(mounts.get('database'), join(databasePath, '..'));
  t.match(configMap.data['failoverd.yaml'], `token_file: ${mounts.get('token')}/token`);
  t.match(read('Dockerfile'), `"--config", "${mounts.get('config')}/failoverd.yaml"`);
});

t.test('contrib/kubernetes: the probes ask routes that are open, and the pod has no privileges', async (t) => {
  const report = async () => ({ ok: true, failing: [] });
  const open = supervisionRoutes({ live: report, ready: report })
    .filter(({ method, access }) => method === 'GET' && access === 'open')
    .map(({ path }) => path);
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    t.ok(open.includes(container[probe].httpGet.path), probe);
    t.equal(container[probe].httpGet.port, 'admin');
  }
  const { securityContext } = set.spec.template.spec;
  t.match(securityContext, { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } });
  t.match(read('Dockerfile'), `USER ${securityContext.runAsUser}:${securityContext.runAsGroup}`);
  t.match(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  t.same(service.spec.selector, set.spec.template.metadata.labels);
});
