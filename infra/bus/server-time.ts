/** Seconds. */
const day = 86_400;

/** JetStream's RFC 3339 with nanoseconds, to microseconds. The zero time of an empty stream gives 0. */
export function microseconds(time: string): number {
  const match = /^(.*?)(?:\.(\d+))?Z$/.exec(time);
  const seconds = Date.parse(`${match?.[1] ?? time}Z`) / 1000;
  if (!Number.isFinite(seconds) || seconds < -365 * day) return 0;
  return seconds * 1e6 + Number((match?.[2] ?? '').padEnd(6, '0').slice(0, 6));
}
