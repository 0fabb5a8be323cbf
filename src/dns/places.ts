/** The addresses that all workers have bound: changed by a reload, and with the interfaces of the machine. */
import { type Clock, ListenError, type Log } from '../runtime/ports.ts';
import { expandListen, follow, type Interfaces, keyOf, type Place, type SocketAddress } from './addresses.ts';
import { type BindFault, type Claim, claim, listenError, withPort } from './claim.ts';

export interface PlacesDeps {
  /** Lets every worker bind these; the outcomes, with null for a success. */
  readonly openEverywhere: (addresses: readonly SocketAddress[]) => Promise<readonly (BindFault | null | 'ended')[]>;
  readonly closeEverywhere: (addresses: readonly SocketAddress[]) => Promise<unknown>;
  readonly networkInterfaces: () => Interfaces;
  /** What another failoverd has bound, which leaves when all of it is bound here, too; a port 0 becomes its port. */
  readonly beside: readonly SocketAddress[];
  readonly clock: Clock;
  readonly log: Log;
}

/** A change whose new addresses are bound and whose old ones are not closed yet. */
export interface Move {
  finish(): Promise<void>;
  undo(): Promise<void>;
}

export interface Places {
  current(): readonly Place[];
  /** Binds what is wanted and not bound yet. @throws {ListenError} when an address cannot be bound: then none is. */
  move(listen: readonly SocketAddress[]): Promise<Move>;
  /** Looks at the interfaces again. What cannot be bound is logged, once, and tried again the next time. */
  follow(listen: readonly SocketAddress[]): Promise<void>;
}

export function createPlaces(deps: PlacesDeps): Places {
  const { openEverywhere, closeEverywhere, networkInterfaces, clock, log } = deps;
  let beside = deps.beside;
  const goneSinceMs = new Map<string, number>();
  const refused = new Set<string>(); // lines that were logged already
  let places: readonly Place[] = [];
  let chosenPort = beside[0]?.port ?? null;

  const wantedFor = (listen: readonly SocketAddress[]): readonly Place[] =>
    expandListen(
      listen.map((address) => withPort(address, chosenPort)),
      networkInterfaces(),
    );

  const close = async (addresses: readonly Place[]): Promise<void> => {
    if (addresses.length === 0) return;
    places = without(places, addresses);
    await closeEverywhere(addresses);
  };

  /** @returns what is bound now that was not before. */
  const open = async (wanted: readonly Place[]): Promise<readonly Place[]> => {
    const claimed = await claimBeside(wanted, beside);
    beside = []; // from now on these addresses are this process's own, or nobody's
    chosenPort ??= claimed.chosenPort;
    places = [...places, ...claimed.places]; // at once: a worker that is born meanwhile binds them too
    const outcomes = await openEverywhere(claimed.places);
    const fault = outcomes.find((outcome) => outcome !== null && outcome !== 'ended');
    if (!fault) return claimed.places;
    await close(claimed.places);
    throw listenError(fault);
  };

  const openOrLog = async (place: Place): Promise<void> => {
    try {
      await open([place]);
      log.info({ address: keyOf(place) }, 'listening on a new address');
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      if (!refused.has(error.message)) log.warn({ address: keyOf(place) }, error.message);
      refused.add(error.message);
    }
  };

  return {
    current: () => places,
    async move(listen) {
      const wanted = wantedFor(listen);
      if (wanted.length === 0) throw new ListenError(`no interface has an address for ${listen.map(keyOf).join(', ')}`);
      const surplus = without(places, wanted);
      const opened = await open(without(wanted, places));
      return { finish: () => close(surplus), undo: () => close(opened) };
    },
    async follow(listen) {
      const change = follow(places, wantedFor(listen), goneSinceMs, clock.nowMs());
      for (const place of change.open) await openOrLog(place);
      for (const { host, port } of change.close) log.info({ address: keyOf({ host, port }) }, 'an address has gone');
      await close(change.close);
    },
  };
}

/** A shared address cannot be claimed; whether it can be bound is seen when the workers bind it. */
async function claimBeside(wanted: readonly Place[], beside: readonly SocketAddress[]): Promise<Claim> {
  const own = without(wanted, beside);
  const { places, chosenPort } = await claim(own);
  return { places: [...without(wanted, own), ...places], chosenPort };
}

function without(places: readonly Place[], others: readonly SocketAddress[]): readonly Place[] {
  const keys = new Set(others.map(keyOf));
  return places.filter((place) => !keys.has(keyOf(place)));
}
