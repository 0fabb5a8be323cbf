import type { OrderBook, Orders, PreviewResult } from '../../src/runtime/orders.ts';

/** Orders that only remember; each is refused with `problem` when there is one. */
export function fakeOrders(
  problem: string | null = null,
  generation: number | null = 7,
): Orders & { readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  const refused = { ok: false, problem: problem ?? '' } as const;
  const from = { target: 'primary', addresses: ['192.0.2.10'] };
  const wouldAnswer = { target: 'backup', addresses: ['198.51.100.20'] };
  const book = <Result>(prefix: string, done: Result): OrderBook<Result | typeof refused> => {
    const remember =
      (name: string) =>
      (...args: unknown[]) => {
        calls.push([`${prefix}${name}`, ...args]);
        return problem === null ? done : refused;
      };
    return {
      switchTo: remember('switchTo'),
      release: remember('release'),
      failback: remember('failback'),
      drain: remember('drain'),
      undrain: remember('undrain'),
      drill: remember('drill'),
    };
  };
  return {
    calls,
    ...book('', { ok: true } as const),
    preview: book<PreviewResult>('preview ', { ok: true, preview: { from, wouldAnswer, warnings: [] } }),
    generation: () => generation,
  };
}
