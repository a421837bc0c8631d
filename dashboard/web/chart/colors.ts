import { signal } from '@preact/signals';

/** The name of a colour in `tokens.css`. */
export type Token = `--${string}`;

/** Rises when the theme changes: charts draw anew. */
export const themeChanges = signal(0);

const cache = new Map<string, string>();

/** The value of a token as the page has it now; canvases know no CSS variables. */
export function token(name: Token): string {
  let value = cache.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    cache.set(name, value);
  }
  return value;
}

/** A token's colour at an opacity of 0..1. Tokens of charts are written #rrggbb. */
export function faded(name: Token, opacity: number): string {
  return (
    token(name) +
    Math.round(opacity * 255)
      .toString(16)
      .padStart(2, '0')
  );
}

/** Opacity of a min..max band. */
export function bandOpacity(): number {
  return parseFloat(token('--band')) / 100;
}

export function themeChanged(): void {
  cache.clear();
  themeChanges.value++;
}

export function isDark(): boolean {
  return document.documentElement.dataset['theme'] === 'dark';
}

/** Size of a rem in units of the design (16 px): 1.5 on a wall. */
export function scale(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}
