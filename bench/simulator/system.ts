import type { Random } from './random.ts';
import type { Scenario, Target } from './world.ts';

/** What is answered; `any`: one of both by chance, because neither is believed to be up. */
export type Answer = Target | 'any';

/** A change of what is answered. */
export interface Flip {
  readonly atMs: number;
  readonly from: Answer;
  readonly to: Answer;
}

/** Something that watches two servers and answers with one. It starts on the primary, which it knows to be up. */
export interface System {
  readonly name: string;
  /** Its parameters, for people. */
  readonly parameters: string;
  /** The longest that detection takes by its own prediction; null where it makes none. */
  readonly predicted: { readonly crashMs: number; readonly hangMs: number } | null;
  play(scenario: Scenario, random: Random): readonly Flip[];
}
