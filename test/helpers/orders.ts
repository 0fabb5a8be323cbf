import type { Orders } from '../../src/runtime/orders.ts';

/** Orders that only remember; each is refused with `problem` when there is one. */
export function fakeOrders(problem: string | null = null): Orders & { readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  const remember =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args]);
      return problem === null ? ({ ok: true } as const) : { ok: false as const, problem };
    };
  return {
    calls,
    switchTo: remember('switchTo'),
    release: remember('release'),
    failback: remember('failback'),
    drain: remember('drain'),
    undrain: remember('undrain'),
    drill: remember('drill'),
  };
}
