/** A mail server (RFC 5321), as far as a client needs one to hand over a message: on a free port of 127.0.0.1. */
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** With its headers. */
  readonly text: string;
  /** What AUTH PLAIN brought: user and password. */
  readonly auth: string | null;
}

export interface SmtpServer {
  readonly port: number;
  readonly mails: Mail[];
  close(): Promise<void>;
}

/** @param reply what to say instead of the ordinary answer to a command; null: nothing at all */
export async function startSmtp(
  reply: (line: string) => string | null | undefined = () => undefined,
): Promise<SmtpServer> {
  const mails: Mail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    talk(socket, mails, reply);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const USUAL: Readonly<Record<string, string>> = {
  EHLO: '250-mail.test\r\n250 AUTH PLAIN',
  DATA: '354 go on',
  STAR: '502 no STARTTLS here',
  QUIT: '221 bye',
};

function talk(socket: Socket, mails: Mail[], reply: (line: string) => string | null | undefined): void {
  let mail = { from: '', to: [] as string[], text: '', auth: null as string | null };
  let isData = false;
  let rest = '';
  const say = (line: string, usual: string): void => {
    const special = reply(line);
    if (special !== null) socket.write(`${special ?? usual}\r\n`);
  };
  const command = (line: string): void => {
    const [, from] = /^MAIL FROM:<(.*?)>/i.exec(line) ?? [];
    const [, to] = /^RCPT TO:<(.*?)>/i.exec(line) ?? [];
    const [, plain] = /^AUTH PLAIN (\S+)/i.exec(line) ?? [];
    if (from !== undefined) mail.from = from;
    if (to !== undefined) mail.to.push(to);
    if (plain !== undefined) mail.auth = Buffer.from(plain, 'base64').toString().split('\0').slice(1).join(':');
    isData = /^DATA/i.test(line);
    say(line, plain === undefined ? (USUAL[line.slice(0, 4).toUpperCase()] ?? '250 ok') : '235 welcome');
  };
  const endData = (): void => {
    isData = false;
    mails.push(mail);
    mail = { from: '', to: [], text: '', auth: mail.auth };
    say('.', '250 taken');
  };

  say('', '220 mail.test');
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    rest += chunk;
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (!isData) command(line);
      else if (line === '.') endData();
      else mail.text += `${line.replace(/^\.\./, '.')}\n`;
    }
  });
}
