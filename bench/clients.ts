/** What asks: the bench's own load generator, or dnsperf. Both send the same queries, in the same file. */

export interface Load {
  /** Messages, each after two octets of its length. */
  readonly queries: string;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly sockets: number;
  /** Queries under way in a closed loop. */
  readonly window: number;
  /** Queries a second in an open loop; 0: closed. */
  readonly rate: number;
}

export interface LoadResult {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Answers by rcode. */
  readonly rcodes: readonly number[];
  readonly latencyUs: Latencies;
  /**
   * In an open loop of the bench's own client, by the kernel's time stamps: from the call that sent a query to its answer's arrival at
   * the socket, so that what the client itself waits for a core is left out.
   */
  readonly wireUs: Latencies | null;
}

/** NaN where the client does not tell. */
export type Latencies = Readonly<Record<'mean' | 'p50' | 'p90' | 'p99' | 'p999' | 'max', number>>;

export interface Client {
  /** The command line that loads a port on 127.0.0.1 for so many seconds. */
  command(load: Load, port: number, seconds: number): string[];
  parse(output: string): LoadResult;
}

/** bench/c/load.c, which costs half the CPU of dnsperf and knows percentiles. */
export function ownClient(program: string): Client {
  return {
    command: ({ queries, sockets, window, rate }, port, seconds) =>
      [program, '127.0.0.1', port, queries, seconds, sockets, window, rate].map(String),
    parse: (output) => JSON.parse(output),
  };
}

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** dnsperf, in a shell that tells what CPU time it took. */
export const dnsperf: Client = {
  command({ queries, sockets, window, rate }, port, seconds) {
    const paced = rate > 0 ? ['-Q', rate] : [];
    const args = [
      '-B',
      '-d',
      queries,
      '-s',
      '127.0.0.1',
      '-p',
      port,
      '-l',
      seconds,
      '-c',
      sockets,
      '-q',
      window,
      ...paced,
    ];
    return ['sh', '-c', '"$@"; times', 'sh', 'dnsperf', ...args.map(String)];
  },
  parse(output) {
    const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN);
    const microseconds = (pattern: RegExp) => number(pattern) * 1e6;
    const unknown = { p50: Number.NaN, p90: Number.NaN, p99: Number.NaN, p999: Number.NaN };
    return {
      sent: number(/Queries sent: +(\d+)/),
      answered: number(/Queries completed: +(\d+)/),
      lost: number(/Queries lost: +(\d+)/),
      seconds: number(/Run time \(s\): +([\d.]+)/),
      cpuSeconds: childSeconds(output),
      rcodes: RCODES.map((name) => Number(new RegExp(`${name} (\\d+)`).exec(output)?.[1] ?? 0)),
      latencyUs: {
        ...unknown,
        mean: microseconds(/Average Latency \(s\): +([\d.]+)/),
        max: microseconds(/Average Latency.*max ([\d.]+)/),
      },
      wireUs: null,
    };
  },
};

/** The last line of the shell's `times`: user and system time of its children, as `0m1.230s`. */
function childSeconds(output: string): number {
  const times =
    output
      .trim()
      .split('\n')
      .at(-1)
      ?.matchAll(/(\d+)m([\d.]+)s/g) ?? [];
  return [...times].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
