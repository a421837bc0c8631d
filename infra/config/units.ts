import { z } from 'zod';

const durationMs: Record<string, number> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };
const sizeBytes: Record<string, number> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** A duration as people write it (`500ms 10s 5m 2h 30d`) to milliseconds; null if it is none. */
export function parseDurationMs(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  return match ? Number(match[1]) * durationMs[match[2]!]! : null;
}

/** A size as people write it (`256KiB 4GiB`) to bytes; null if it is none. */
export function parseSizeBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB)$/.exec(text);
  return match ? Math.round(Number(match[1]) * sizeBytes[match[2]!]!) : null;
}

function withUnit(parse: (text: string) => number | null, pattern: string, hint: string) {
  return z
    .string()
    .regex(new RegExp(pattern), hint)
    .transform((text) => parse(text) ?? Number.NaN);
}

/** Config text such as `5m`; milliseconds in code. */
export const duration = () =>
  withUnit(
    parseDurationMs,
    String.raw`^\d+(\.\d+)?(ms|s|m|h|d)$`,
    'must be a duration such as 500ms, 10s, 5m, 2h or 30d',
  );

/** Config text such as `4GiB`; bytes in code. */
export const size = () =>
  withUnit(
    parseSizeBytes,
    String.raw`^\d+(\.\d+)?(B|KiB|MiB|GiB|TiB)$`,
    'must be a size such as 256KiB, 64MiB or 4GiB',
  );

/** Milliseconds as the configuration writes them: 5000 is `5s`. */
export function durationText(ms: number): string {
  if (ms === 0) return '0s';
  const unit = ['d', 'h', 'm', 's'].find((name) => Number.isInteger(ms / durationMs[name]!)) ?? 'ms';
  return `${ms / durationMs[unit]!}${unit}`;
}

/** Bytes as the configuration writes them: 262144 is `256KiB`. */
export function sizeText(bytes: number): string {
  const unit = ['TiB', 'GiB', 'MiB', 'KiB'].find((name) => Number.isInteger(bytes / sizeBytes[name]!)) ?? 'B';
  return `${bytes / sizeBytes[unit]!}${unit}`;
}
