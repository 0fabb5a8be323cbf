import { createServer, type Server } from 'node:http';

/** A web server that can be broken and mended. It answers every request with its name. */
export interface Backend {
  readonly address: string;
  readonly isBroken: boolean;
  /** Closes its port, as a killed process does. */
  break(): Promise<void>;
  /** @throws the errno error when the port is taken */
  mend(): Promise<void>;
}

/** Starts broken: `mend()` makes it listen. */
export function createBackend(name: string, address: string, port: number): Backend {
  let server: Server | null = null;
  return {
    address,
    get isBroken() {
      return server === null;
    },
    break() {
      const broken = server;
      server = null;
      return new Promise((resolve) => {
        if (!broken) return resolve();
        broken.close(() => resolve());
        broken.closeAllConnections();
      });
    },
    async mend() {
      const mended = createServer((_, response) => response.end(`${name}\n`));
      await new Promise<void>((resolve, reject) => {
        mended.once('error', reject);
        mended.listen(port, address, resolve);
      });
      server = mended;
    },
  };
}
