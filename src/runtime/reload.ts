/** What came of a reload, as the log, the API and the events tell it. */
export interface ReloadProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export type ReloadOutcome =
  | {
      readonly ok: true;
      /** One line. */
      readonly message: string;
      /** What of the config has changed. */
      readonly changes: string;
      /** What needs a restart, one line each. */
      readonly notes: readonly string[];
    }
  | {
      readonly ok: false;
      /** Why the config before stays in force, in one line. */
      readonly message: string;
      /** Everything that is wrong with the new one; empty where it is something else. */
      readonly problems: readonly ReloadProblem[];
    };
