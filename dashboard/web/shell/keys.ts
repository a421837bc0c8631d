import { signal } from '@preact/signals';
import { go } from '../router/location.ts';

/** Pages by the key that follows `g`. */
export const pageLetters = { o: '/', d: '/devices', a: '/alerts', w: '/webhooks', q: '/quarantine' } as const;

export const keysShown = signal(false);

const storageKey = 'millrace.keys';
/** Single keys can be switched off (WCAG 2.1.4). */
export const singleKeys = signal(localStorage.getItem(storageKey) !== 'off');

export function switchSingleKeys(on: boolean): void {
  singleKeys.value = on;
  localStorage.setItem(storageKey, on ? 'on' : 'off');
}

type Actions = Readonly<Record<string, () => void>>;
const actions: Actions[] = [];

/** Adds keys that the present page understands. Returns how to take them back. */
export function pageKeys(more: Actions): () => void {
  actions.push(more);
  return () => {
    actions.splice(actions.indexOf(more), 1);
  };
}

const afterGMs = 1_000;
let pressedGMs = -Infinity;

/** Listens on the whole page. Called once, by `main.tsx`. */
export function startKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (handled(event)) event.preventDefault();
  });
}

function handled(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  if (event.key === 'Escape') return escape(target);
  if (target.closest('input, select, textarea, [contenteditable], dialog') !== null || !singleKeys.peek()) return false;
  const { key } = event;
  if (performance.now() - pressedGMs < afterGMs) {
    pressedGMs = -Infinity;
    const page = pageLetters[key as keyof typeof pageLetters];
    if (page !== undefined) {
      go(page);
      return true;
    }
  }
  if (key === 'g') {
    pressedGMs = performance.now();
    return true;
  }
  if (key === '?') {
    keysShown.value = true;
    return true;
  }
  if (key === '/') return focus(document.querySelector<HTMLElement>('[data-search]'));
  if (key === 'j' || key === 'ArrowDown') return moveInList(1, key === 'j');
  if (key === 'k' || key === 'ArrowUp') return moveInList(-1, key === 'k');
  const action = actions.findLast((own) => own[key] !== undefined)?.[key];
  action?.();
  return action !== undefined;
}

/** Out of a field first, then what the page says. */
function escape(target: HTMLElement): boolean {
  if (target.closest('dialog') !== null) return false;
  if (target.matches('input, select, textarea')) {
    target.blur();
    return true;
  }
  const action = actions.findLast((own) => own['Escape'] !== undefined)?.['Escape'];
  action?.();
  return action !== undefined;
}

/** Moves the focus along the rows of the page's list; arrows only when it is in it already. */
function moveInList(by: number, enters: boolean): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-list] [data-row]')];
  const at = rows.findIndex((row) => row === document.activeElement);
  if (at < 0 && !enters) return false;
  return focus(at < 0 ? rows[0] : rows[at + by]);
}

function focus(element: HTMLElement | null | undefined): boolean {
  element?.focus();
  element?.scrollIntoView({ block: 'nearest' });
  return element !== null && element !== undefined;
}
