/** What `failoverd init` has to know, how it asks for it, and how an answer is read. */
import { readFullName } from '../config/names.ts';
import { readHttpUrl, serverAddress } from '../config/network.ts';
import { mustBe, Refusal } from '../config/refusal.ts';
import type { TemplateValues } from '../config/template.ts';
import { isSubdomainOf, type OwnerName, ROOT, shown } from '../core/name.ts';

export interface Answers {
  readonly zone: OwnerName;
  readonly nameserver: readonly (readonly [name: OwnerName, addresses: readonly string[]])[];
  readonly primary: readonly string[];
  readonly backup: readonly string[];
  readonly check: TemplateValues['check'];
  readonly witness: readonly string[];
}

export type FieldName = keyof Answers;

interface Field<Value> {
  readonly help: string;
  readonly question: string;
  readonly read: (text: string, answers: Partial<Answers>) => Value | Refusal;
  /** What is taken when the option is not given; without it the option is required. */
  readonly byDefault?: (answers: Partial<Answers>) => string;
  /** What Enter stands for. */
  readonly suggestion?: (answers: Partial<Answers>) => string;
}

/** In the order of the questions: a later one may build on earlier answers. */
export const FIELDS: { readonly [Name in FieldName]: Field<Answers[Name]> } = {
  zone: {
    help: 'the name that is delegated to failoverd: app.example.com',
    question: 'Which name shall fail over (app.example.com)?',
    read: readZone,
  },
  nameserver: {
    help: 'its name servers: addresses, or name=address, with commas',
    question: 'Addresses of the name servers for it, two with a comma between (203.0.113.53,198.51.100.53)?',
    read: readNameservers,
  },
  primary: {
    help: "the primary's address, or several with commas",
    question: 'Address of the primary server (192.0.2.10)?',
    read: readAddresses,
  },
  backup: {
    help: "the backup's address, or several with commas",
    question: 'Address of the backup server (198.51.100.20)?',
    read: readAddresses,
  },
  check: {
    help: 'how both are probed: a URL, or tcp:443',
    question: 'How shall they be probed: a URL, or tcp: and a port?',
    read: readCheck,
    suggestion: ({ zone }) => `https://${zone === undefined ? '' : shown(zone)}/`,
  },
  witness: {
    help: 'what tells that the own network works (default: two public ones)',
    question: 'Addresses outside that tell whether this network works, host:port?',
    read: (text) => listOf(text),
    byDefault: () => '1.1.1.1:53,9.9.9.9:53',
  },
};

/** Reads an answer into the others. @returns what is wrong with it, as the rest of a sentence; null: nothing. */
export function readField(name: FieldName, text: string, answers: Partial<Answers>): string | null {
  const value = FIELDS[name].read(text, answers);
  if (value instanceof Refusal) return value.showsFound ? `${value.predicate}, found "${text}"` : value.predicate;
  Object.assign(answers, { [name]: value });
  return null;
}

/** As the template takes them. */
export function shapeOf(answers: Answers): Omit<TemplateValues, 'database'> {
  const { zone, nameserver, primary, backup, check, witness } = answers;
  // Only names in the zone have their address there.
  const nameservers = nameserver.map(
    ([name, addresses]) => [shown(name), isSubdomainOf(name, zone) ? addresses : []] as const,
  );
  return { zone: shown(zone), nameservers, primary, backup, check, witnesses: witness };
}

function listOf(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim());
}

function readZone(text: string): OwnerName | Refusal {
  const zone = readFullName(text);
  return zone === ROOT ? mustBe('a name below the root') : zone;
}

function readAddresses(text: string): readonly string[] | Refusal {
  return firstRefusal(listOf(text).map((part) => readServer(part)));
}

/** An address alone belongs to ns1, ns2, … in the zone. */
function readNameservers(text: string, { zone }: Partial<Answers>): Answers['nameserver'] | Refusal {
  const servers = new Map<OwnerName, string[]>();
  for (const [i, part] of listOf(text).entries()) {
    const [left = '', right] = part.split('=');
    const name = readFullName(right === undefined ? `ns${i + 1}.${zone}` : left);
    const address = readServer(right ?? left);
    if (name instanceof Refusal) return name;
    if (address instanceof Refusal) return address;
    servers.set(name, [...(servers.get(name) ?? []), address]);
  }
  return [...servers];
}

function readCheck(text: string): TemplateValues['check'] | Refusal {
  const [, port] = /^tcp:(\d{1,5})$/.exec(text) ?? [];
  if (port !== undefined && Number(port) > 0 && Number(port) < 65_536) return { tcp: Number(port) };
  const url = readHttpUrl(text);
  if (!(url instanceof Refusal)) return { url };
  return url.showsFound ? mustBe('an http or https URL, or tcp: and a port') : url;
}

function readServer(text: string): string | Refusal {
  const result = serverAddress.safeParse(text);
  return result.success ? result.data : new Refusal(result.error.issues[0]?.message ?? 'cannot be used', true);
}

function firstRefusal<T>(values: readonly (T | Refusal)[]): readonly T[] | Refusal {
  const refusal = values.find((value) => value instanceof Refusal);
  return refusal ?? values.flatMap((value) => (value instanceof Refusal ? [] : [value]));
}
