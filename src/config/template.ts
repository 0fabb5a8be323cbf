/** The text of a first config: short, with a comment at what its reader will want to change. */

export interface TemplateValues {
  /** All names without the final dot. */
  readonly zone: string;
  readonly nameservers: readonly (readonly [name: string, addresses: readonly string[]])[];
  readonly primary: readonly string[];
  readonly backup: readonly string[];
  readonly check: { readonly url: string } | { readonly tcp: number };
  readonly witnesses: readonly string[];
  /** Where the history is kept. */
  readonly database: string;
}

export function configTemplate({
  zone,
  nameservers,
  primary,
  backup,
  check,
  witnesses,
  database,
}: TemplateValues): string {
  return `# failoverd for ${zone}. "failoverd check" says whether this file is right; docs/configuration.md has every key.

# Where DNS is answered, over UDP and TCP: on every address of this machine. Where another program needs port 53 of
# one of them, write the others here.
listen: ["0.0.0.0:53", "[::]:53"]

# Every transition, and what a restart goes on with: "failoverd history" reads it, and sqlite3.
database: ${scalar(database)}

# The API behind "failoverd status" and the other commands. On another address than this one it needs a token.
admin:
  listen: 127.0.0.1:8053

prober:
  # Addresses outside both servers. When they fail too, this machine's own network is down: then nothing is changed.
  witnesses: ${list(witnesses)}

zones:
  ${scalar(zone)}:
    # The parent zone must name the same servers: "failoverd delegation ${zone}" compares.
    nameservers:
${nameservers.map(([name, addresses]) => `      ${scalar(name)}: ${oneOrList(addresses)}\n`).join('')}
    # A name server that does not run failoverd with this file itself transfers the zone: docs/scale-out.md.
    # secondaries: [{address: 198.51.100.53, key: transfer}]

    records:
      "@": # ${zone} itself; others are written relative to it
        primary: ${oneOrList(primary)} # answered while it is up
        backup: ${backup.length > 1 ? `[${list(backup)}]` : oneOrList(backup)} # answered while the primary is down
        ttl: 10s # so long clients may keep an old answer
        failback: {mode: auto, after: 60s} # back to the primary when it has been up so long; or manual
        check:
          ${'url' in check ? `url: ${scalar(check.url)}` : `tcp: ${check.tcp}`}
          interval: 5s
          timeout: 2s
          confirm: 1s # after a first fail, so soon again
          fall: 3 # so many fails in a row, and it is down
          rise: 3 # so many passes in a row, and it is up again
`;
}

function oneOrList(texts: readonly string[]): string {
  const [only, ...more] = texts;
  if (only === undefined) return '';
  return more.length === 0 ? scalar(only) : list(texts);
}

function list(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(literal(text))).join(', ')}]`;
}

/** Plain where that is surely a text to YAML, else in quotes. */
function scalar(text: string): string {
  return /^[a-z./][\w./:?=&%+-]*$/i.test(text) || /^\d+(\.\d+){3}$/.test(text)
    ? literal(text)
    : JSON.stringify(literal(text));
}

/** `${` begins a variable, `$${` does not. */
function literal(text: string): string {
  return text.replaceAll('${', () => '$${');
}
