import { signal } from '@preact/signals';
import { themeChanged } from '../chart/colors.ts';

export type ThemeChoice = 'auto' | 'light' | 'dark';

/** The same as in `public/theme.js`, which sets the theme before the first paint. */
const storageKey = 'millrace.theme';
const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');

export const themeChoice = signal<ThemeChoice>(stored());

function stored(): ThemeChoice {
  const value = localStorage.getItem(storageKey);
  return value === 'light' || value === 'dark' ? value : 'auto';
}

export function chooseTheme(choice: ThemeChoice): void {
  themeChoice.value = choice;
  if (choice === 'auto') localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, choice);
  apply();
}

function apply(): void {
  const { value } = themeChoice;
  document.documentElement.dataset['theme'] = value === 'auto' ? (prefersDark.matches ? 'dark' : 'light') : value;
  themeChanged();
}

prefersDark.addEventListener('change', apply);
