/** Sends the message of the first argument, and prints what came of it: in a process of its own, which trusts what NODE_EXTRA_CA_CERTS says. */
import { sendMail } from '../../src/notify/mail.ts';

console.log(JSON.stringify(await sendMail(JSON.parse(process.argv[2] ?? ''))));
