/** What a long scenario is to the program that runs it. */

export interface Outcome {
  /** Whether what it proves was seen. */
  readonly kept: boolean;
  /** What was seen, with its numbers. */
  readonly seen: string;
}

export interface Scenario {
  readonly name: string;
  readonly proves: string;
  /** @param scale 1: as long as it should be; less for a look at the scenario itself. */
  run(scale: number, say: (line: string) => void): Promise<readonly Outcome[]>;
}

/** The value below which so much of them lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** The slope of the line that fits best. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
