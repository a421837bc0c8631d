import { UsageError } from './usage-error.ts';

/** The number that a flag gives. @throws UsageError when it is none, or outside of what may be */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`;
  throw new UsageError(`${flag} must be a whole number${range}, is "${text}"`);
}
