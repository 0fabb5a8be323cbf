import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import t from 'tap';
import { listen } from './helpers.ts';

const SOURCE = new URL('../../src/probe/prober.ts', import.meta.url);
const HELPERS = new URL('./helpers.ts', import.meta.url);

/** Uses up the file descriptors, probes, gives them back, and probes again. */
const SCRIPT = `
  import { closeSync, openSync } from 'node:fs';
  const { probeOnce } = await import('${SOURCE}');
  const { httpEndpoint, systemClock, tcpEndpoint } = await import('${HELPERS}');
  const port = Number(process.argv[1]);
  const probe = async () => {
    const endpoints = [tcpEndpoint(port), httpEndpoint('http://app.example.com:' + port + '/')];
    const reports = await Promise.all(endpoints.map((endpoint) => probeOnce(endpoint, systemClock, '0')));
    return reports.map(({ outcome }) => outcome);
  };
  const files = [];
  const useUp = () => {
    try {
      for (;;) files.push(openSync('/dev/null'));
    } catch {}
  };
  let without;
  do {
    useUp();
    without = await probe();
  } while (without.some(({ outcome }) => outcome === 'pass')); // what loaded the modules closes a file some time later
  for (const file of files) closeSync(file);
  console.log(JSON.stringify({ without, afterwards: await probe() }));
`;

t.test('probeOnce() is inconclusive when no file descriptor is left, and recovers (EMFILE)', async (t) => {
  const port = await listen(
    t,
    createServer((_request, response) => response.end()),
  );
  const command = 'ulimit -n 64; exec "$0" --input-type=module --eval "$1" "$2"';
  const args = ['-c', command, process.execPath, SCRIPT, String(port)];
  const { stdout } = await promisify(execFile)('/bin/sh', args);
  const exhausted = { outcome: 'inconclusive', reason: 'EMFILE', detail: 'EMFILE' };
  t.same(JSON.parse(stdout), {
    without: [exhausted, exhausted],
    afterwards: [{ outcome: 'pass' }, { outcome: 'pass' }],
  });
});
