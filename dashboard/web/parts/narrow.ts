import { signal } from '@preact/signals';

const query = window.matchMedia('(max-width: 719px)');

/** The page is a phone's: one column, tables are lists. */
export const narrow = signal(query.matches);

query.addEventListener('change', () => {
  narrow.value = query.matches;
});
