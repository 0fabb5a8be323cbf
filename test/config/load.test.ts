import t from 'tap';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/problems.ts';

const SMALLEST = `zones:
  app.example.com:                       # delegated to this server
    nameservers:
      ns1.app.example.com: 203.0.113.53  # names in the zone need an address (glue)
    records:
      "@":                               # the apex: app.example.com itself
        primary: 192.0.2.10
        backup: 198.51.100.20
        check: http://app.example.com/healthz
`;

t.test('loadConfig() reads the smallest useful config with every default', async (t) => {
  const folder = t.testdir({ 'failoverd.yaml': SMALLEST });
  const result = await loadConfig(`${folder}/failoverd.yaml`, {});
  t.ok(result.ok, result.ok ? '' : formatProblems(result.problems));
});
