/** What stands where a value is missing. */
export const missing = '–';

const formats = new Map<number, Intl.NumberFormat>();

function format(decimals: number): Intl.NumberFormat {
  let found = formats.get(decimals);
  if (found === undefined) {
    found = new Intl.NumberFormat('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, found);
  }
  return found;
}

const millions = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** A value with a fixed number of decimals and thousands commas; from 10,000,000 on in millions: "14.5 M". */
export function decimal(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return missing;
  if (Math.abs(value) >= 1e7) return `${millions.format(value / 1e6)} M`;
  const text = format(decimals).format(value);
  return Number(value.toFixed(decimals)) === 0 ? format(decimals).format(0) : text;
}

/** A count, shortened from 10,000,000 on. */
export function count(value: number | null | undefined): string {
  return decimal(value, 0);
}

/** A count with every digit, for the ledger. */
export function everyDigit(value: number): string {
  return format(0).format(value);
}

/** A rate in 1/s: two significant digits below 10, whole above: "0.4", "4,812". */
export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return missing;
  if (value === 0) return '0';
  if (value < 0.1) return value < 0.01 ? 'under 0.01' : decimal(value, 2);
  return decimal(value, value < 9.95 ? 1 : 0);
}

/** A share as a percentage, one significant digit below 1 %: "98.6 %", "0.02 %", "0 %". */
export function percent(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return missing;
  const value = share * 100;
  if (value === 0) return '0 %';
  if (value < 0.01) return 'under 0.01 %';
  if (value < 1) return `${Number(value.toPrecision(1))} %`;
  return `${decimal(value, value >= 99.95 ? 0 : 1)} %`;
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes in binary units: "812 B", "1.1 GiB". */
export function bytes(value: number): string {
  let unit = 0;
  let amount = value;
  while (amount >= 1024 && unit < byteUnits.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${decimal(amount, unit === 0 || amount >= 100 || Number.isInteger(amount) ? 0 : 1)} ${byteUnits[unit]}`;
}

/** "1.1 of 4 GiB": both in the unit of the limit, or each in its own while little is used: "12 MiB of 4 GiB". */
export function bytesOf(used: number, limit: number): string {
  const whole = bytes(limit);
  const unit = byteUnits.findIndex((name) => whole.endsWith(` ${name}`));
  const share = used / 1024 ** unit;
  if (share === 0) return `0 of ${whole}`;
  if (share < 0.1 || unit === 0) return `${bytes(used)} of ${whole}`;
  return `${decimal(share, share >= 100 || Number.isInteger(share) ? 0 : 1)} of ${whole}`;
}

/** Decimals a number is written with, at most 3: what a sensor resolves. */
export function decimalsOf(value: number): number {
  for (let decimals = 0; decimals < 3; decimals++) {
    const scaled = value * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) <= 1e-9 * Math.max(1, Math.abs(scaled))) return decimals;
  }
  return 3;
}
