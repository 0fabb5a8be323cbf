/**
 * What each key of the config means, in one sentence or two, and its default as a config writes it: for editors
 * (`failoverd check --schema`), and for docs/configuration.md, which says the same.
 */

export interface Explanation {
  /** Markdown, as far as `code` goes. */
  readonly text: string;
  /** Undefined: the key is required, or what it holds has defaults of its own. */
  readonly byDefault?: unknown;
}

export type SectionName = keyof typeof EXPLANATIONS;

function says(text: string, byDefault?: unknown): Explanation {
  return byDefault === undefined ? { text } : { text, byDefault };
}

/** By the headings of docs/configuration.md. */
export const EXPLANATIONS = {
  'Top level': {
    listen: says('Addresses and ports for DNS, UDP and TCP alike: one, or a list. Port 0 lets the system choose.', [
      '0.0.0.0:53',
      '[::]:53',
    ]),
    workers: says('DNS worker threads, 1 to 256. `auto`: one for each core.', 'auto'),
    database: says('The SQLite file of the history.', './failoverd.db'),
    admin: says('API, metrics and dashboard'),
    dns: says('how queries are answered'),
    prober: says('how probing works as a whole'),
    defaults: says('what records share'),
    zones: says('the zones, by name'),
    keys: says('Shared secrets for zone transfer, by name.', {}),
    notify: says('Who is told of what happens.', []),
    history: says('how long what happened is kept'),
    log: says('the log'),
  },
  admin: {
    listen: says('Address and port of the API, of metrics and of the dashboard.', '127.0.0.1:8053'),
    token: says('What clients must present as bearer token. Required unless `listen` is a loopback address.', null),
    token_file: says('A file that holds the token, instead of `token`.', null),
    metrics: says('Whether `/metrics` is served.', true),
    public_read: says('Whether reading needs no token.', false),
  },
  dns: {
    sockets: says(
      '`batched`: the native sockets, which receive and send many datagrams at once. `dgram`: those of Node.js. `auto`: the native ones where they can be had.',
      'auto',
    ),
    edns_size: says('The largest UDP response in bytes, 512 to 4096, and what EDNS announces (RFC 6891).', 1232),
    rate_limit: says('response rate limiting'),
    cookies: says('DNS cookies (RFC 7873). Clients with a valid one are not rate limited.', true),
    cookie_secret: says(
      '16 bytes in hex, or a list of them, the same on servers that answer on one address (RFC 9018): the first makes cookies, all verify. `null`: each process makes its own.',
      null,
    ),
    nsid: says('What to tell those who ask which server answers (RFC 5001). `null`: nothing.', null),
    version: says('The answer to CHAOS TXT `version.bind`. `null`: refused. `id.server` answers the `nsid`.', null),
    tcp: says('limits of TCP'),
  },
  rate_limit: {
    responses_per_second: says('To one client network. `0` turns rate limiting off.', 50),
    slip: says(
      'Every so many-th limited response is sent truncated, so that a real client can come again over TCP. `0`: none.',
      2,
    ),
    ipv4_prefix: says('Clients whose IPv4 addresses share so many bits are one network.', 32),
    ipv6_prefix: says('The same for IPv6.', 64),
  },
  tcp: {
    max_connections: says('At once. The oldest idle one makes room for a new one.', 512),
    max_per_client: says('Of these from one address.', 32),
    idle_timeout: says('A connection without a query is closed after it.', '10s'),
  },
  prober: {
    concurrency: says('Probes at once.', 512),
    witnesses: says(
      "Addresses outside both servers, `host:port` or an http(s) URL, that tell whether the prober's own network works.",
      [],
    ),
    blind_when: says('So many witnesses down at once: the prober is blind. `1` where there is only one witness.', 2),
    on_blind: says('What a blind prober does. `hold`: nothing changes. `trust`: its probes count as ever.', 'hold'),
  },
  zones: {
    nameservers: says(
      "The zone's name servers (NS): name to address, or to a list of addresses. A name in the zone needs an address (glue); one outside the zone gets none.",
    ),
    soa: says("the zone's SOA"),
    static: says('ordinary records', []),
    secondaries: says('Servers that may transfer the zone and get NOTIFY.', []),
    status_txt: says('Publish `_failover.<record>` TXT with the state of each record.', false),
    records: says('the failover names, by owner name'),
  },
  soa: {
    contact: says('Who answers for the zone: an e-mail address, or its form as a domain name.'),
    refresh: says('For secondaries (RFC 1035 §3.3.13): when to look for a new serial,', '1h'),
    retry: says('when to try again,', '10m'),
    expire: says('and when to stop answering.', '14d'),
    minimum: says(
      "TTL of negative answers (RFC 2308). Never above the shortest `ttl` of the zone's records: by default that, if it is below 10s.",
      '10s',
    ),
  },
  static: {
    name: says('The owner name.'),
    type: says('`A`, `AAAA`, `CNAME`, `TXT`, `MX`, `NS`, `SRV` or `CAA`.'),
    ttl: says('How long resolvers may keep it.', '5m'),
    data: says(
      'In master-file form; names are relative to the zone unless they end with a dot. For TXT one string of at most 255 octets, or a list of strings.',
    ),
  },
  secondaries: {
    address: says('Where transfers come from and NOTIFY goes to.'),
    port: says('For NOTIFY.', 53),
    key: says('The name of a key that requests must be signed with. `null`: the address is enough.', null),
  },
  records: {
    primary: says('The target that is answered while it is up.'),
    backup: says('One target, or a list of targets in order of preference.'),
    check: says('How the targets are probed: a URL, or a map.'),
    ttl: says("Of the record's answers, 1s to 1h: so long clients may keep the old one.", '10s'),
    families: says('`together`: A and AAAA move to another target at once. `independent`: each by itself.', 'together'),
    all_down: says(
      'What is answered while no target is up. `keep`: what was known good last. `primary`, `backup`: that target. `all`: every address. `nodata`: none.',
      'keep',
    ),
    failback: says('The way back to a better target: `auto`, `manual`, or a map.', 'auto'),
    maintenance: says('Windows in which a target is drained.', []),
  },
  targets: {
    name: says('How the target is called in commands and in the history.'),
    addresses: says('One, or a list; IPv4 and IPv6 may be mixed.'),
    min_healthy: says('So many endpoints of each family must be up for the target to be up.', 1),
  },
  failback: {
    mode: says('`auto`: by itself. `manual`: on order only (`failoverd failback`).', 'auto'),
    after: says(
      'So long the better target must have been up without a fail. Doubled while it keeps failing soon after.',
      '60s',
    ),
  },
  maintenance: {
    target: says('The name of the target that is drained.'),
    cron: says('When the window opens: minute, hour, day of month, month, day of week.'),
    timezone: says('Whose clock `cron` is read by.', 'UTC'),
    for: says('How long the window stays open.'),
  },
  check: {
    url: says(
      "What is fetched, http or https. The connection goes to the endpoint's address; the host of the URL gives Host, SNI and the certificate's name. Redirects are not followed.",
    ),
    tcp: says('Instead of `url`: a port to which a TCP connection must succeed.'),
    port: says("Connect to this port instead of the URL's.", null),
    host: says("Host, SNI and the certificate's name instead of the URL's host.", null),
    source: says('The local address to probe from: one, or a list of one for each family.', null),
    method: says('`GET`, `HEAD`, `OPTIONS` or `POST`.', 'GET'),
    headers: says('Sent with each request.', {}),
    expect: says('what is a good response'),
    sentinel: says('Keep one idle connection open; its end triggers a probe at once.', false),
    tls: says('TLS'),
    interval: says('From one probe to the next, at least 1s.', '5s'),
    timeout: says('For the whole attempt, connect to last byte judged. Shorter than `interval`.', '2s'),
    confirm: says('From the start of one probe that confirms a first fail to that of the next.', '1s'),
    fall: says('Consecutive fails that take an endpoint down.', 3),
    rise: says('Consecutive passes that bring it up again.', 3),
    max_body: says('How much of a body is read.', '64KiB'),
  },
  expect: {
    status: says('A code, a range, or a list: `[200, 204, 300-399]`.', '200-299'),
    body: says(
      'A text that occurs in the body, or `/a pattern/` that matches it, with the flags `i`, `m`, `s` and `u`.',
      null,
    ),
    greeting: says('With `tcp`: the same for what the server sends first.', null),
  },
  tls: {
    verify: says('Whether the certificate must be valid.', true),
    server_name: says("SNI and the name in the certificate, instead of the URL's host.", null),
    ca_file: says('PEM: authorities to trust instead of those of Node.js.', null),
    cert_file: says('PEM: the client certificate, with its chain.', null),
    key_file: says('PEM: its key, without a passphrase.', null),
  },
  keys: {
    algorithm: says('`hmac-sha256`, `hmac-sha384` or `hmac-sha512` (RFC 8945).', 'hmac-sha256'),
    secret: says('In base64, at least 16 bytes.'),
  },
  notify: {
    name: says(
      'What it is called in the log, in alarms and in metrics. `null`: its format and a hash of its URL, `slack #1a2b3c4d`.',
      null,
    ),
    url: says(
      'Where deliveries are posted; for mail the server, `smtps://user:password@mail.example.com` or `smtp://…`. Only PagerDuty has one of its own.',
      null,
    ),
    secret: says("Signs them. `null`: unsigned. For PagerDuty the integration's routing key, which is needed.", null),
    format: says('`webhook`, `slack`, `ntfy`, `pagerduty` or `email`.', 'webhook'),
    headers: says('Sent with every delivery, for a token that the receiver wants.', {}),
    on: says(
      'Which of `start`, `failover`, `failback`, `all_down`, `override`, `config` and `alarm`; all but `start` when it says nothing.',
    ),
    from: says('The sender of mail: `ops@example.com` or `failoverd <ops@example.com>`.', null),
    to: says('Who gets the mail: an address, or a list of them.', null),
    max_age: says('What could not be delivered for so long is given up. `1m` to `30d`.', '24h'),
    timeout: says('Of one attempt. `1s` to `60s`.', '10s'),
  },
  history: {
    probes: says('How long each probe is kept.', '14d'),
    transitions: says('How long each transition is kept.', 'forever'),
  },
  log: {
    level: says('`debug`, `info`, `warn` or `error`.', 'info'),
    format: says('`pretty`, `json`; `auto`: pretty on a terminal, else JSON.', 'auto'),
  },
} satisfies Readonly<Record<string, Readonly<Record<string, Explanation>>>>;
