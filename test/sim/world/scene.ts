import type { Random } from '../random.ts';

/** Where a plant stands, and when its story begins. */
export interface Scene {
  /** Of its calendar windows. */
  readonly timezone: string;
  /** The true time at the beginning, us. */
  readonly beginUs: number;
}

/** 2026-07-01T10:00:00Z: midnight there. */
const plain = { timezone: 'Pacific/Honolulu', at: '2026-07-01T10:00:00Z', secondsAfter: 0 };

/** Local midnights beside days that are longer or shorter than others, and the changes themselves. */
const changes: readonly (readonly [timezone: string, ...at: string[]])[] = [
  ['Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T01:00:00Z', '2026-03-29T22:00:00Z'],
  ['Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T01:00:00Z', '2026-10-25T23:00:00Z'],
  ['America/New_York', '2026-03-08T05:00:00Z', '2026-03-08T07:00:00Z', '2026-03-09T04:00:00Z'],
  ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-01T06:00:00Z', '2026-11-02T05:00:00Z'],
  // By half an hour.
  ['Australia/Lord_Howe', '2026-04-04T13:00:00Z', '2026-04-04T15:00:00Z', '2026-04-05T13:30:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T13:30:00Z', '2026-10-03T15:30:00Z', '2026-10-04T13:00:00Z'],
  // At midnight: it is skipped, or 23 h comes again.
  ['America/Sao_Paulo', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'],
  ['America/Sao_Paulo', '2018-02-17T02:00:00Z', '2018-02-18T02:00:00Z', '2018-02-18T03:00:00Z'],
  // A day is left out.
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
];

/** In a third of the seeds the clocks change nearby, while the devices send. */
export function drawScene(random: Random): Scene {
  if (!random.chance(0.33)) return sceneOf(plain);
  const [timezone, ...times] = random.pick(changes);
  return sceneOf({ timezone, at: random.pick(times), secondsAfter: random.integer(-25, 3) });
}

const sceneOf = ({ timezone, at, secondsAfter }: typeof plain): Scene => {
  return { timezone, beginUs: (Date.parse(at) / 1e3 + secondsAfter) * 1e6 };
};
