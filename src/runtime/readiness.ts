/** Alarms about targets, raised before they are needed: a spare target that is down while another serves, all of them down. */
import { shown } from '../core/name.ts';
import type { RecordSpec } from '../core/record.ts';
import type { Alarms } from './alarms.ts';
import { describeTarget } from './reason.ts';
import { type Track, type TrackContext, viewsOf } from './track.ts';

/** Raises and resolves the alarms of one record by its state after a decision. */
export function watchReadiness(track: Track, context: TrackContext, alarms: Alarms): void {
  const { record, state } = track;
  if (!state) return;
  const label = labelOf(track);
  for (const view of viewsOf(track, context)) {
    const target = record.targets.find(({ name }) => name === view.name);
    const key = { name: alarmOf(record, view.name), subject: `${label} ${view.name}` };
    const isSpare = view.name !== state.activeTarget && !state.allDown;
    if (isSpare && view.status === 'down' && target) {
      alarms.raise(key, `${label}: ${describeTarget(target, context.endpoints)}`);
    } else {
      alarms.resolve(key);
    }
  }
  const allDown = { name: 'all_down', subject: label };
  if (state.allDown) alarms.raise(allDown, `${label}: no target is up`);
  else alarms.resolve(allDown);
}

/** Resolves the alarms of records and targets that the config has no more. */
export function forgetOthers(tracks: readonly Track[], alarms: Alarms): void {
  const labels = new Set(tracks.map(labelOf));
  const targets = new Set(
    tracks.flatMap((track) => track.record.targets.map(({ name }) => `${labelOf(track)} ${name}`)),
  );
  alarms.keepOnly('all_down', labels);
  alarms.keepOnly('backup_down', targets);
  alarms.keepOnly('primary_down', targets);
}

function alarmOf({ targets }: RecordSpec, name: string): 'primary_down' | 'backup_down' {
  return name === targets[0]?.name ? 'primary_down' : 'backup_down';
}

/** `app.example.com`, or `app.example.com (IPv6)` where the families are decided apart. */
export function labelOf({ record, family }: Track): string {
  const name = shown(record.name);
  return family === '' ? name : `${name} (IPv${family})`;
}
