import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { RefObject } from 'preact';

/** The width of an element's content box in px, as it changes; 0 until it is measured. */
export function useWidth<E extends HTMLElement>(): readonly [RefObject<E>, number] {
  const ref = useRef<E>(null) as RefObject<E>;
  const width = useSignal(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      width.value = entry!.contentRect.width;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width.value];
}
