/** dns2's own UDP server with the zone of the bench. `node bench/servers/dns2.ts PORT RECORDS` */
import dns2 from 'dns2';
import { recordNames, ZONE } from '../queries.ts';

const { Packet } = dns2;
type Resource = InstanceType<typeof Packet.Resource>;
const { TYPE, CLASS, RCODE } = Packet;
/** dns2 takes plain objects where its types ask for instances. */
const resource = (fields: object) => fields as Resource;

const soa = resource({
  name: ZONE,
  type: TYPE.SOA,
  class: CLASS.IN,
  ttl: 10,
  primary: `ns1.${ZONE}`,
  admin: `hostmaster.${ZONE}`,
  serial: 1,
  refresh: 3600,
  retry: 600,
  expiration: 1209600,
  minimum: 10,
});
const apex = [
  soa,
  resource({ name: ZONE, type: TYPE.NS, class: CLASS.IN, ttl: 3600, ns: `ns1.${ZONE}` }),
  resource({ name: ZONE, type: TYPE.TXT, class: CLASS.IN, ttl: 10, data: 'hello world' }),
];
const records = new Map<string, Resource[]>([[ZONE, apex]]);
for (const label of recordNames(Number(process.argv[3]))) {
  const name = `${label}.${ZONE}`;
  records.set(name, [
    resource({ name, type: TYPE.A, class: CLASS.IN, ttl: 10, address: '192.0.2.10' }),
    resource({ name, type: TYPE.AAAA, class: CLASS.IN, ttl: 10, address: '2001:db8::10' }),
  ]);
}

const server = dns2.createUDPServer((request, send) => {
  const response = Packet.createResponseFromRequest(request);
  const [question] = request.questions;
  const owned = records.get((question?.name ?? '').toLowerCase());
  response.header.aa = 1;
  response.answers = (owned ?? []).filter((record) => record.type === question?.type);
  if (!owned) response.header.rcode = RCODE.NXDOMAIN;
  if (response.answers.length === 0) response.authorities = [soa];
  send(response);
});
await server.listen(Number(process.argv[2]), '127.0.0.1');
