import { signal } from '@preact/signals';

/** True while the media query matches. */
function matching(media: string) {
  const query = window.matchMedia(media);
  const state = signal(query.matches);
  query.addEventListener('change', () => {
    state.value = query.matches;
  });
  return state;
}

/** The page is a phone's: one column, tables are lists. */
export const narrow = matching('(max-width: 719px)');

const small = matching('(max-width: 1099px)');
const medium = matching('(max-width: 1399px)');

/** Columns of tags and of fields that a table of devices has room for. */
export function roomyColumns(): { readonly tags: number; readonly fields: number } {
  if (small.value) return { tags: 1, fields: 2 };
  return { tags: 2, fields: medium.value ? 3 : 4 };
}
