/** Numbers and times as people read them: `577,440`, `38 ms`, `2 min 10 s`, `4.0 GiB`. */

export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

export function rateText(perS: number): string {
  return `${perS > 0 && perS < 10 ? perS.toFixed(1) : countText(perS)}/s`;
}

/** A measured time; null is not measured. */
export function millisecondsText(ms: number | null): string {
  if (ms === null) return '- ms';
  if (ms >= 10_000) return durationText(ms);
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** How far behind something is. */
export function lagText(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : durationText(ms);
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** The two largest units: `31 s`, `2 min 10 s`, `3 d 4 h`. Seconds up to 99. */
export function durationText(ms: number): string {
  let seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const first = units.findIndex(([, length]) => seconds >= length);
  const parts: string[] = [];
  for (const [name, length] of units.slice(first, first + 2)) {
    const count = Math.floor(seconds / length);
    seconds -= count * length;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}

export function bytesText(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < names.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${names[unit]}`;
}

/** Local time of day, `10:38:50`. */
export function clockText(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
