import { signal } from '@preact/signals';

/** Where the page is: the URL is its state. */
export interface Place {
  /** Without its encoding undone: segments are decoded one by one. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export const place = signal<Place>(here());
/** Rises when another page (not only another query) was opened: focus goes to its heading. */
export const arrivals = signal(0);

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** Follows the browser's history and clicks on links of this site. Called once, by `main.tsx`. */
export function startRouter(): void {
  window.addEventListener('popstate', () => arrive());
  document.addEventListener('click', (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element).closest('a');
    if (link === null || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
    if (link.hash !== '' && link.pathname === location.pathname) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

/** Opens a URL of this site, as a step of the browser's history. */
export function go(url: string): void {
  history.pushState(null, '', url);
  arrive();
}

/** Sets or (null) removes parts of the query. `step` makes it a step of the history; panning and typing are none. */
export function setQuery(change: Readonly<Record<string, string | null>>, step = false): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(change)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  const url = location.pathname + (query.size === 0 ? '' : `?${query}`);
  if (url === location.pathname + location.search) return;
  if (step) history.pushState(null, '', url);
  else history.replaceState(null, '', url);
  place.value = here();
}

function arrive(): void {
  const before = place.peek().path;
  place.value = here();
  if (place.value.path === before) return;
  window.scrollTo(0, 0);
  arrivals.value++;
}
