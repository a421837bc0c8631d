import type { RuleConfig } from '../../infra/config/schema.ts';

/** What a rule holds values against. */
export interface Threshold {
  /** The value is beyond the limit: `above: 85` means more than 85. */
  exceeds(value: number): boolean;
  /** The value ends the alert. Without `clear` that is: it no longer exceeds; with it: it is beyond `clear` as well. */
  clears(value: number): boolean;
  /** The limit that the value is held against; of `outside` the nearer one. */
  limitFor(value: number): number;
  /** In words: `above 85`. */
  readonly text: string;
}

type Limits = Pick<RuleConfig, 'above' | 'below' | 'outside' | 'clear'>;

/** The threshold of a rule, which has exactly one of above, below and outside. */
export function compileThreshold({ above, below, outside, clear }: Limits): Threshold {
  if (above !== undefined) {
    return {
      exceeds: (value) => value > above,
      clears: clear === undefined ? (value) => value <= above : (value) => value < clear,
      limitFor: () => above,
      text: `above ${above}`,
    };
  }
  if (below !== undefined) {
    return {
      exceeds: (value) => value < below,
      clears: clear === undefined ? (value) => value >= below : (value) => value > clear,
      limitFor: () => below,
      text: `below ${below}`,
    };
  }
  if (outside === undefined) throw new RangeError('a rule has one of above, below and outside');
  const [low, high] = outside;
  return {
    exceeds: (value) => value < low || value > high,
    clears: (value) => value >= low && value <= high,
    limitFor: (value) => (Math.abs(value - low) < Math.abs(value - high) ? low : high),
    text: `outside ${low} to ${high}`,
  };
}
