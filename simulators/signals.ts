import { fraction } from './random.ts';

/** A physical quantity as a pure function of time (us since the epoch). */
export type Signal = (timeUs: number) => number;

export const secondUs = 1_000_000;
const dayUs = 86_400 * secondUs;

export function constant(value: number): Signal {
  return () => value;
}

export function sum(...signals: readonly Signal[]): Signal {
  return (timeUs) => signals.reduce((total, signal) => total + signal(timeUs), 0);
}

export function clamped(signal: Signal, low: number, high: number): Signal {
  return (timeUs) => Math.min(high, Math.max(low, signal(timeUs)));
}

/** A sine. `phase` is 0..1 of its period. */
export function wave(amplitude: number, periodUs: number, phase = 0): Signal {
  return (timeUs) => amplitude * Math.sin(2 * Math.PI * ((timeUs % periodUs) / periodUs + phase));
}

/** Warmest or busiest at 15:00 UTC. */
export function dailyRhythm(amplitude: number): Signal {
  return wave(amplitude, dayUs, -0.375);
}

/** Smooth noise: random values every `stepUs`, between which it goes in a smooth step. Within +-amplitude. */
export function noise(amplitude: number, stepUs: number, seed: number): Signal {
  const at = (step: number) => fraction(seed, step) * 2 - 1;
  return (timeUs) => {
    const step = Math.floor(timeUs / stepUs);
    const t = timeUs / stepUs - step;
    const ease = t * t * (3 - 2 * t);
    return amplitude * (at(step) * (1 - ease) + at(step + 1) * ease);
  };
}

/** A sensor that wanders off: up to +-amplitude over weeks. */
export function drift(amplitude: number, seed: number): Signal {
  return noise(amplitude, 7 * dayUs, seed);
}

/** Short peaks: in each `slotUs`, with the probability given, one that rises and falls within `widthUs`. */
export function spikes(height: number, slotUs: number, probability: number, widthUs: number, seed: number): Signal {
  return (timeUs) => {
    const slot = Math.floor(timeUs / slotUs);
    if (fraction(seed, slot, 1) >= probability) return 0;
    const peakUs = (slot + 0.2 + 0.6 * fraction(seed, slot, 2)) * slotUs;
    return height * bump((timeUs - peakUs) / widthUs);
  };
}

/** Runs hot: once in each `periodUs` counted from `startUs`, for `lengthUs`, first after `delayUs`. */
export function hotRuns(height: number, startUs: number, delayUs: number, lengthUs: number, periodUs: number): Signal {
  return (timeUs) => {
    const sinceUs = timeUs - startUs - delayUs;
    if (sinceUs < 0) return 0;
    return height * Math.sin(Math.PI * Math.min(1, (sinceUs % periodUs) / lengthUs)) ** 0.5;
  };
}

/** 1 at 0, falling to 0 at +-0.5. */
function bump(x: number): number {
  return Math.abs(x) >= 0.5 ? 0 : Math.cos(Math.PI * x) ** 2;
}

/** What a meter counts (kWh) of a power (kW) that goes around `meanKw` by a sine; never falls while `swing` < 1. */
export function counted(meanKw: number, swing: number, periodUs: number, sinceUs: number): Signal {
  return (timeUs) => {
    const hours = (timeUs - sinceUs) / (3600 * secondUs);
    const periodHours = periodUs / (3600 * secondUs);
    const turn = (2 * Math.PI * hours) / periodHours;
    return meanKw * (hours + (swing * periodHours * (1 - Math.cos(turn))) / (2 * Math.PI));
  };
}
