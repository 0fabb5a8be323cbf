/** A package registry on loopback that has what this checkout has installed: `npm install` works without the network. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
}

export interface Registry {
  readonly url: string;
  close(): void;
}

/** Serves the packages that are no development dependencies. */
export async function startRegistry(root: string): Promise<Registry> {
  const packages = installedPackages(root);
  const server: Server = createServer((request, response) => {
    const [name = '', version] = decodeURIComponent(request.url ?? '')
      .slice(1)
      .split('/-/');
    const versions = packages.get(name);
    const folder = versions?.get(version ?? '');
    if (folder) {
      spawn('tar', ['-c', '--transform', 's,^\\.,package,', '-C', folder, '.']).stdout.pipe(response);
    } else if (versions && version === undefined) {
      const manifests = [...versions].map(([version, folder]) => {
        const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        return [version, { ...manifest, dist: { tarball: `${url()}/${name}/-/${version}` } }] as const;
      });
      response.end(
        JSON.stringify({ name, versions: Object.fromEntries(manifests), 'dist-tags': { latest: manifests[0]?.[0] } }),
      );
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: url(), close: () => server.close() };
}

/** By name and version, the folder. */
function installedPackages(root: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const lock: Record<string, Locked> = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const packages = new Map<string, Map<string, string>>();
  for (const [path, { version, dev }] of Object.entries(lock)) {
    const name = path.split('node_modules/').at(-1) ?? '';
    if (path === '' || dev === true || !existsSync(join(root, path))) continue;
    const versions = packages.get(name) ?? new Map<string, string>();
    packages.set(name, versions.set(version, join(root, path)));
  }
  return packages;
}
