/** Every failoverd command of docs/runbook.md, in its order, against a server that runs: none is refused. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { ExitCode } from '../../src/cli/exit-code.ts';
import { cli } from '../cli/io.ts';
import { commandsOf, PAGES } from '../docs/pages.ts';
import { startBackend } from '../helpers/backend.ts';
import { digUntil, serve } from '../helpers/serve.ts';

const NAME = 'app.example.com';
const PRIMARY = '127.0.0.51';
const BACKUP = '127.0.0.52';
/** The orders that a record may decline as it stands then: nothing better to return to, not on the primary any more. */
const DECLINED = ['failback', 'drill'];

function configOf(adminPort: number, webPort: number): string {
  return `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:${adminPort}"}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    records:
      "@": {primary: ${PRIMARY}, backup: ${BACKUP}, check: {url: "http://${NAME}:${webPort}/", interval: 1s, timeout: 500ms}}
`;
}

t.test('docs/runbook.md: its commands do what they say', async (t) => {
  const primary = await startBackend(PRIMARY);
  const backup = await startBackend(BACKUP, primary.port);
  t.teardown(() => Promise.all([primary.kill(), backup.kill()]));
  const directory = t.testdir();
  const served = await serve(directory, configOf(0, primary.port));
  t.teardown(() => served.stop());
  await digUntil(served.dnsPort, NAME, PRIMARY);
  // The commands find the API through the config: the port that the system has chosen stands in a second one.
  const config = path.join(directory, 'commands.yaml');
  writeFileSync(config, configOf(Number(new URL(served.adminUrl).port), primary.port));

  const commands = commandsOf(PAGES.find(({ name }) => name === 'docs/runbook.md') ?? { name: '', text: '' });
  t.ok(commands.length >= 10);
  for (const words of commands) {
    const args = words
      .filter((word, i) => word !== '--config' && words[i - 1] !== '--config')
      .map((word) => (word.endsWith('.db') ? path.join(directory, word) : word));
    const { code, stdout, stderr } = await cli(...args, '--config', config);
    const allowed: readonly number[] = DECLINED.includes(args[0] ?? '')
      ? [ExitCode.ok, ExitCode.failure]
      : [ExitCode.ok];
    t.ok(allowed.includes(code), `failoverd ${args.join(' ')}: ${code}\n${stdout}${stderr}`);
  }
});
