/** What is said of a value that cannot be used. */

/** Why a value is refused, as the rest of a sentence that begins with its key. */
export class Refusal {
  readonly predicate: string;
  /** Whether the message ends with what was found. */
  readonly showsFound: boolean;

  constructor(predicate: string, showsFound: boolean) {
    this.predicate = predicate;
    this.showsFound = showsFound;
  }
}

/** `interval must be a duration such as 5s, found 5`. */
export function mustBe(expected: string): Refusal {
  return new Refusal(`must be ${expected}`, true);
}

/** `primary is an IPv4-mapped IPv6 address: write 192.0.2.1`. */
export function refuse(predicate: string): Refusal {
  return new Refusal(predicate, false);
}
