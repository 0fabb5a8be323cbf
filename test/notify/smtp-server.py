"""A mail server by Debian's python3-aiosmtpd on a free port of 127.0.0.1: its port, then each message that it took, one JSON a line.

Arguments: plain, starttls or smtps, then certificate and key. The user is ops, the password canary.
"""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_DATA(self, server, session, envelope):
        encrypted = server.transport.get_extra_info("cipher") is not None
        mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "encrypted": encrypted, "user": session.auth_data}
        print(json.dumps({**mail, "text": envelope.content.decode()}), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, login):
    if (login.login, login.password) != (b"ops", b"canary"):
        return AuthResult(success=False, handled=False)
    return AuthResult(success=True, auth_data="ops")


async def main(mode, certificate, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    starttls = {"tls_context": context} if mode == "starttls" else {}
    options = {"hostname": "mail.test", "authenticator": authenticate, "auth_require_tls": mode == "starttls"}
    loop = asyncio.get_running_loop()
    make = lambda: SMTP(Handler(), loop=loop, **options, **starttls)
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=context if mode == "smtps" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
