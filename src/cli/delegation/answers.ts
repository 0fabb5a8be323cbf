/** What is answered for the records, beside what is decided. */
import { type OwnerName, shown } from '../../core/name.ts';
import { formatDuration } from '../format.ts';
import { type Finding, finding, sameSet } from './finding.ts';
import type { AnswerView, Observed } from './observe.ts';

/** What the running failoverd answers now. */
export interface Decided {
  readonly record: OwnerName;
  /** Of both families. */
  readonly addresses: readonly string[];
  readonly ttlSeconds: number;
  /** How long it has been the answer. */
  readonly ageMs: number;
}

export function answerFindings(
  { answers, resolver }: Observed,
  decided: readonly Decided[] | string,
): readonly Finding[] {
  const unknown =
    typeof decided === 'string' ? [finding('info', 'answer', `what is decided now is not known: ${decided}`)] : [];
  const known = typeof decided === 'string' ? [] : decided;
  return [...unknown, ...answers.flatMap((answer) => findingsOf(answer, known, resolver))];
}

function findingsOf(answer: AnswerView, decided: readonly Decided[], resolver: string | null): readonly Finding[] {
  const isOfFamily = (address: string): boolean => address.includes(':') === (answer.family === 6);
  const own = decided.filter(({ record }) => record === answer.record);
  const expected = own.length > 0 ? own.flatMap(({ addresses }) => addresses).filter(isOfFamily) : null;
  const right =
    expected ?? answer.servers.map(({ addresses }) => addresses).find((all) => typeof all !== 'string') ?? [];
  const what = `${shown(answer.record)} ${answer.family === 4 ? 'A' : 'AAAA'}`;
  const is = expected === null ? 'others say' : 'decided is';
  const stale = answer.servers.flatMap(({ server, addresses }) => {
    if (typeof addresses === 'string' || sameSet(addresses, right)) return [];
    const remedy = 'see "failoverd status" for what NOTIFY and the transfers to it say';
    return [finding('error', 'answer', `${what}: ${server} answers ${say(addresses)}, ${is} ${say(right)}`, remedy)];
  });
  const hasNone = right.length === 0 && stale.length === 0 && (expected !== null || answer.family === 6);
  const isSilent = typeof answer.resolver === 'string' || answer.resolver.addresses.length === 0;
  if (hasNone && isSilent) return [];
  return [...stale, resolverFinding(answer, { what, right, own, resolver, isKnown: expected !== null })];
}

interface Context {
  readonly what: string;
  readonly right: readonly string[];
  readonly own: readonly Decided[];
  readonly resolver: string | null;
  readonly isKnown: boolean;
}

function resolverFinding({ resolver: seen }: AnswerView, { what, right, own, resolver, isKnown }: Context): Finding {
  const through = `${what} through the resolver${resolver === null ? '' : ` ${resolver}`}`;
  if (resolver === null)
    return finding('info', 'answer', `${what}: this machine has no resolver to ask`, 'name one with --resolver');
  if (typeof seen === 'string') {
    return finding(
      'error',
      'answer',
      `${through}: ${seen}`,
      'repair what is reported above; else see why the resolver fails',
    );
  }
  if (sameSet(seen.addresses, right))
    return finding('ok', 'answer', `${through}: ${say(right)}${isKnown ? ', as decided' : ''}`);
  const found = `${through}: ${say(seen.addresses)}, but ${isKnown ? 'decided is' : 'the servers answer'} ${say(right)}`;
  const [newest] = own.toSorted((a, b) => a.ageMs - b.ageMs);
  if (newest && newest.ageMs < newest.ttlSeconds * 1000) {
    const left = formatDuration(newest.ttlSeconds * 1000 - newest.ageMs);
    return finding(
      'warning',
      'answer',
      `${found} since ${formatDuration(newest.ageMs)}`,
      `wait: the old answer may be kept for another ${left}`,
    );
  }
  return finding(
    'error',
    'answer',
    found,
    'repair what is reported above; else the resolver keeps answers longer than their TTL',
  );
}

function say(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'nothing' : addresses.toSorted().join(', ');
}
