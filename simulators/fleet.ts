import { fraction, mix } from './random.ts';
import {
  clamped,
  constant,
  counted,
  dailyRhythm,
  drift,
  hotRuns,
  noise,
  secondUs,
  type Signal,
  spikes,
  sum,
  wave,
} from './signals.ts';

/** A simulated sensor: where it publishes, and what it measures. */
export interface SimulatedDevice {
  readonly index: number;
  readonly site: string;
  readonly name: string;
  readonly signals: Readonly<Record<string, Signal>>;
}

export interface FleetOptions {
  readonly devices: number;
  readonly seed: number;
  /** Where hot runs are counted from, us. */
  readonly startUs: number;
}

/** One plant is 24 devices; a fleet is as many plants as it takes, the last one incomplete. */
const kindsOfPlant = [
  { name: 'press', count: 9, signals: press },
  { name: 'hall', count: 6, signals: hall },
  { name: 'pump', count: 5, signals: pump },
  { name: 'meter', count: 4, signals: meter },
] as const;

export const devicesPerPlant = kindsOfPlant.reduce((total, { count }) => total + count, 0);

/** A fleet, always the same for the same options. In each plant one press runs hot now and then. */
export function createFleet({ devices, seed, startUs }: FleetOptions): SimulatedDevice[] {
  return Array.from({ length: devices }, (_, index) => {
    const site = `plant${1 + Math.floor(index / devicesPerPlant)}`;
    let place = index % devicesPerPlant;
    let kind: (typeof kindsOfPlant)[number] = kindsOfPlant[0];
    for (kind of kindsOfPlant) {
      if (place < kind.count) break;
      place -= kind.count;
    }
    const own = mix(seed, index);
    return { index, site, name: `${kind.name}-${place + 1}`, signals: kind.signals(own, place, startUs) };
  });
}

type Signals = Record<string, Signal>;

/** The press that runs hot, counted from 0: press-7. */
const hotPress = 6;

function press(seed: number, place: number, startUs: number): Signals {
  const isHot = place === hotPress;
  const temperature = sum(
    constant(64 + 8 * fraction(seed, 1)),
    dailyRhythm(2.5),
    wave(2, 90 * secondUs, fraction(seed, 2)),
    noise(1.2, 4 * secondUs, seed + 3),
    drift(1, seed + 4),
    isHot ? hotRuns(24, startUs, 15 * secondUs, 70 * secondUs, 240 * secondUs) : constant(0),
  );
  const vibration = sum(
    constant(2.2 + fraction(seed, 5)),
    noise(0.6, secondUs, seed + 6),
    spikes(6, 180 * secondUs, 0.25, 24 * secondUs, seed + 7),
  );
  const pressure = sum(constant(180), wave(25, 30 * secondUs, fraction(seed, 8)), noise(4, 2 * secondUs, seed + 9));
  return { temperature, vibration: clamped(vibration, 0, 50), pressure };
}

function hall(seed: number): Signals {
  const temperature = sum(constant(21), dailyRhythm(3), noise(0.6, 60 * secondUs, seed), drift(0.5, seed + 1));
  const humidity = sum(constant(48), dailyRhythm(-9), noise(4, 120 * secondUs, seed + 2), drift(3, seed + 3));
  return { temperature, humidity: clamped(humidity, 0, 100) };
}

function pump(seed: number): Signals {
  const pressure = sum(constant(6.5), wave(0.4, 20 * secondUs, fraction(seed, 1)), noise(0.15, secondUs, seed + 2));
  const vibration = sum(constant(3.1), noise(0.5, secondUs, seed + 3), drift(1.5, seed + 4));
  return { pressure, vibration: clamped(vibration, 0, 50) };
}

/** When the meters were installed: 2025-01-01. */
const installedUs = 1_735_689_600 * secondUs;

function meter(seed: number): Signals {
  const meanKw = 50 + 30 * fraction(seed, 1);
  const periodUs = 120 * secondUs;
  const power = sum(constant(meanKw), wave(0.2 * meanKw, periodUs), noise(3, 5 * secondUs, seed + 2));
  return { power: clamped(power, 0, 500), energy: counted(meanKw, 0.2, periodUs, installedUs) };
}
