import type { DeviceLife, Presence } from '../../../events/device.ts';
import { age, duration } from './durations.ts';

/** What people call a device. */
export function nameOf({ device, life }: { readonly device: string; readonly life: DeviceLife }): string {
  return life.label || device;
}

/** Whether a device is there, and why, as a sentence; empty while all is well. */
export function presenceWords(
  { state, cause, sinceUs, intervalUs }: Presence,
  lastSeenUs: number,
  nowMs: number,
): string {
  const since = age(nowMs - sinceUs / 1000);
  switch (cause) {
    case 'said':
      return state === 'offline' ? `offline: it was said so ${since} ago` : '';
    case 'goodbye':
      return `offline: it said goodbye ${since} ago`;
    case 'broken':
      return `offline: its connection broke ${since} ago`;
    case 'silence': {
      const silentMs = nowMs - lastSeenUs / 1000;
      if (intervalUs === null) return `silent for ${age(silentMs)}, and too new to know how often it sends`;
      const missed = Math.max(3, Math.floor((silentMs * 1000) / intervalUs));
      return `silent for ${missed} of its intervals of ${duration(Math.round(intervalUs / 1000))}`;
    }
    case 'reading':
      return '';
  }
}
