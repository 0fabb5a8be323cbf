import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds the connections of a server. Beyond the limit the oldest one that waits for its client gives way, so that
 * clients who only hold connections open never lock an operator out.
 */
export function limitConnections(server: Server, limit: number): void {
  const waiting = new Set<Socket>(); // in the order in which they began to wait
  let open = 0;

  server.on('connection', (socket) => {
    open += 1;
    waiting.add(socket);
    socket.on('close', () => {
      open -= 1;
      waiting.delete(socket);
    });
    if (open <= limit) return;
    const [oldest] = waiting;
    oldest?.destroy();
  });
  server.on('request', (request: { readonly socket: Socket }, response: ServerResponse) => {
    waiting.delete(request.socket);
    response.on('close', () => {
      if (!request.socket.destroyed) waiting.add(request.socket);
    });
  });
}
