/**
 * Whether the prober can trust its own network. `checking`: an endpoint has turned suspect, the witnesses are being asked,
 * and what they have said so far does not decide it.
 */
export type Sight = 'clear' | 'checking' | 'blind';

/** An address outside both servers that tells the prober whether its own network works. */
export interface WitnessSpec {
  /** As written in the config. */
  readonly name: string;
  readonly check:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'http'; readonly url: string };
}

/** What is known of one witness. */
export interface WitnessStanding {
  /** What its last conclusive probe found. */
  readonly last: 'up' | 'down';
  /** It has been asked anew, and has not answered yet. */
  readonly asked: boolean;
}

/**
 * What the witnesses say. Pure and total.
 *
 * | witnesses that are down          | sight                                       |
 * |----------------------------------|---------------------------------------------|
 * | `blindWhen` or more              | blind                                       |
 * | fewer, whatever those asked say  | clear                                       |
 * | it depends on those asked        | blind when it was blind before, else checking |
 *
 * With fewer witnesses than `blindWhen` the sight is always clear.
 */
export function sightOf(before: Sight, standings: Iterable<WitnessStanding>, blindWhen: number): Sight {
  let down = 0;
  let asked = 0;
  for (const standing of standings) {
    if (standing.asked) asked += 1;
    else if (standing.last === 'down') down += 1;
  }
  if (down >= blindWhen) return 'blind';
  if (down + asked < blindWhen) return 'clear';
  return before === 'blind' ? 'blind' : 'checking';
}
