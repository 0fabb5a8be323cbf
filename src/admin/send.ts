import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response, StreamResponse } from './route.ts';

/** A client of a stream that has left so much unread is cut off. */
const MAX_UNREAD_BYTES = 1024 * 1024;

export interface Sender {
  /** For the Server header. */
  readonly version: string;
  /** Aborted when the server closes: streams end. */
  readonly closing: AbortSignal;
}

/** Sends what a route has answered. A HEAD gets the headers alone. */
export function send(response: ServerResponse, request: IncomingMessage, sender: Sender, answer: Response): void {
  const headers = {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Server: `failoverd/${sender.version}`,
    ...(request.complete ? {} : { Connection: 'close' }), // an unread body would be taken for the next request
  };
  if ('stream' in answer) {
    response.writeHead(answer.status, { ...headers, 'Content-Type': answer.type, ...answer.headers });
    if (request.method === 'HEAD') response.end();
    else stream(response, sender.closing, answer);
    return;
  }
  const { type, content } = 'content' in answer ? answer : toJson(answer.body);
  response.writeHead(answer.status, {
    ...headers,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(content),
    ...answer.headers,
  });
  response.end(content);
}

function toJson(body: unknown): { readonly type: string; readonly content: string } {
  return { type: 'application/json', content: `${JSON.stringify(body)}\n` };
}

function stream(response: ServerResponse, closing: AbortSignal, answer: StreamResponse): void {
  const end = (): void => void response.end();
  response.flushHeaders();
  const stop = answer.stream({
    write(text) {
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
      else response.write(text);
    },
    end,
  });
  closing.addEventListener('abort', end);
  response.on('close', () => {
    closing.removeEventListener('abort', end);
    stop();
  });
}
