import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { Heartbeat, tickBySecond } from '../../src/probe/heartbeat.ts';
import { FakeClock } from './fake-clock.ts';
import { silentLog } from './helpers.ts';

/** Ticks as node-cron does: by the wall clock, and not before the wall time that it expects next. */
function setup() {
  const clock = new FakeClock();
  const beats: number[] = [];
  let starts = 0;
  let alive = true;
  const startTicking = (onTick: () => void) => {
    starts++;
    let nextWallMs = Math.floor(clock.epochMs() / 1000) * 1000 + 1000;
    let cancel = () => {};
    const arm = () => {
      cancel = clock.setTimer(Math.max(0, nextWallMs - clock.epochMs()), () => {
        nextWallMs += 1000;
        arm();
        if (alive) onTick();
      });
    };
    arm();
    return () => cancel();
  };
  const heartbeat = new Heartbeat(clock, silentLog, startTicking);
  heartbeat.start(() => beats.push(clock.nowMs()));
  return { clock, beats, heartbeat, starts: () => starts, fallSilent: () => (alive = false) };
}

t.test('Heartbeat beats once a second, and starts nothing anew as long as it does', (t) => {
  const { clock, beats, starts } = setup();
  clock.advance(60_500);
  t.equal(beats.length, 60);
  t.equal(starts(), 1);
  t.end();
});

for (const stepMs of [-3_600_000, -10_000, 10_000, 3_600_000, 86_400_000]) {
  t.test(`Heartbeat goes on within 2 s when the wall clock steps by ${stepMs / 1000} s`, (t) => {
    const { clock, beats, starts } = setup();
    clock.advance(10_500);
    clock.step(stepMs);
    clock.advance(20_000);
    const pauses = beats.slice(1).map((beatMs, index) => beatMs - (beats[index] ?? 0));
    t.ok(Math.max(...pauses) <= 2000, `${pauses}`);
    t.equal(starts(), 2, 'by one new start');
    t.end();
  });
}

t.test('Heartbeat starts anew after 2 s of silence, for whatever reason', (t) => {
  const { clock, beats, starts, fallSilent } = setup();
  clock.advance(5_500);
  fallSilent();
  clock.advance(3_000);
  t.equal(starts(), 2);
  t.ok((beats.at(-1) ?? 0) >= 7_000, 'and beats itself');
  t.end();
});

t.test('Heartbeat does not take a slewed wall clock for a stepped one', (t) => {
  const { clock, starts } = setup();
  for (let second = 0; second < 60; second++) {
    clock.step(0.5);
    clock.advance(1000);
  }
  t.equal(starts(), 1);
  t.end();
});

t.test('Heartbeat.stop() leaves no timer', (t) => {
  const { clock, heartbeat } = setup();
  clock.advance(3_300);
  heartbeat.stop();
  t.equal(clock.timers, 0);
  t.end();
});

t.test('tickBySecond() ticks with node-cron until it is ended', async (t) => {
  let ticks = 0;
  const stop = tickBySecond(() => ticks++);
  await pause(1_200);
  stop();
  const seen = ticks;
  t.ok(seen >= 1, `${seen} ticks`);
  await pause(1_100);
  t.equal(ticks, seen);
});
