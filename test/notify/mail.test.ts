import t from 'tap';
import { sendMail } from '../../src/notify/mail.ts';
import type { MailMessage } from '../../src/notify/message.ts';
import { startSmtp } from './smtp-server.ts';

function messageTo(port: number, over: Partial<MailMessage> = {}): MailMessage {
  return {
    kind: 'mail',
    url: `smtp://ops:canary%2D5e7d1c@127.0.0.1:${port}`,
    secrets: [],
    timeoutMs: 30_000,
    id: 'msg_1',
    from: 'failoverd <failoverd@example.com>',
    to: ['ann@example.com', 'bob@example.com'],
    subject: 'app.example.com: failover to backup',
    text: 'primary → backup\nfailoverd on ns1',
    ...over,
  };
}

t.test('sendMail() hands a message over to a real server, signed in, with an id that stays', async (t) => {
  const server = await startSmtp();
  t.teardown(server.close);
  t.same(await sendMail(messageTo(server.port)), { ok: true });
  const [mail] = server.mails;
  t.match(mail, {
    from: 'failoverd@example.com',
    to: ['ann@example.com', 'bob@example.com'],
    auth: 'ops:canary-5e7d1c',
  });
  t.match(mail?.text, /^Message-ID: <msg_1@failoverd>$/m);
  t.match(mail?.text, /^Subject: app\.example\.com: failover to backup$/m);
  t.match(mail?.text, /^Auto-Submitted: auto-generated$/m);
  t.match(mail?.text, /^primary =E2=86=92 backup$/m);
});

t.test('sendMail() says what the server said, and whether it was the message', async (t) => {
  const rows = [
    ['RCPT', '550 5.1.1 no such user', { reason: 'it answered 550 5.1.1 no such user', isRejected: true }],
    ['DATA', '451 4.3.0 try later', { reason: 'it answered 451 4.3.0 try later', isRejected: false }],
    ['AUTH', '535 5.7.8 canary-5e7d1c is wrong', { reason: 'it answered 535 5.7.8 … is wrong', isRejected: false }],
  ] as const;
  for (const [command, says, expected] of rows) {
    const server = await startSmtp((line) => (line.startsWith(command) ? says : undefined));
    t.match(await sendMail(messageTo(server.port)), { ok: false, ...expected }, command);
    await server.close();
  }
});

t.test('sendMail() gives up a server that hangs, and says when nobody listens', async (t) => {
  const server = await startSmtp((line) => (line.startsWith('MAIL') ? null : undefined));
  t.match(await sendMail(messageTo(server.port, { timeoutMs: 200 })), { ok: false, reason: 'no answer within 0.2 s' });
  await server.close();
  t.match(await sendMail(messageTo(server.port)), { ok: false, reason: 'connection refused' });
});

t.test('sendMail() sends no password to another machine without encryption (RFC 3207)', async (t) => {
  const server = await startSmtp();
  t.teardown(server.close);
  // A name that is no loopback name, for the same address.
  const url = `smtp://ops:secret@[::ffff:127.0.0.1]:${server.port}`;
  const result = await sendMail(messageTo(server.port, { url }));
  t.match(result, {
    ok: false,
    isRejected: false,
    reason: /^it has no STARTTLS \(it answered 502 no STARTTLS here\), .* try smtps:\/\/$/,
  });
  t.same(server.mails, []);
});
