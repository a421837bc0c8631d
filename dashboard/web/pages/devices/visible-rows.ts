import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import type { RefObject } from 'preact';

/** Rows drawn beyond each edge of the screen. */
const around = 20;

/** Which rows of a long table are in view, plus 20. `body` is the part that holds the rows. */
export function useVisibleRows(
  body: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): readonly [number, number] {
  const first = useSignal(0);
  const last = useSignal(2 * around);
  useLayoutEffect(() => {
    const measure = () => {
      if (body.current === null) return;
      const top = body.current.getBoundingClientRect().top;
      const from = Math.max(0, Math.floor(-top / rowHeight) - around);
      const to = Math.ceil((window.innerHeight - top) / rowHeight) + around;
      // In steps of 10: scrolling renders seldom.
      first.value = Math.floor(from / 10) * 10;
      last.value = Math.ceil(to / 10) * 10;
    };
    measure();
    window.addEventListener('scroll', measure, { passive: true });
    window.addEventListener('resize', measure);
    return () => {
      window.removeEventListener('scroll', measure);
      window.removeEventListener('resize', measure);
    };
  }, [rowHeight, count > 0]);
  const from = Math.min(first.value, Math.max(0, count - 1));
  return [Math.max(0, from - (from % 10)), Math.min(count, Math.max(last.value, 2 * around))];
}
