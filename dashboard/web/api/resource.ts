import { useSignal, useSignalEffect, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { onReturn } from '../live/feed.ts';
import { get, type Failure, type Parameters } from './request.ts';

/** Something loaded from the server. The value stays while it is loaded anew and when that fails. */
export interface Resource<T> {
  readonly value: Signal<T | null>;
  readonly failure: Signal<Failure | null>;
  /** When the present load began; null when none runs. By the page's clock, ms. */
  readonly loadingSinceMs: Signal<number | null>;
  /** Loads anew; resolves when done, never rejects. */
  reload(): Promise<void>;
}

export interface ResourceOptions {
  /** Loads anew this often while the page is visible; 0: never. */
  readonly everyMs?: number;
  /** Keeps the value of other parameters while theirs loads, instead of a skeleton. */
  readonly keep?: boolean;
}

/** Loads `path` now, when it or its parameters change, when the connection returns, and every `everyMs`. Null: nothing. */
export function useResource<T>(
  path: string | null,
  parameters: Parameters = {},
  options: ResourceOptions = {},
): Resource<T> {
  const value = useSignal<T | null>(null);
  const failure = useSignal<Failure | null>(null);
  const loadingSinceMs = useSignal<number | null>(null);
  const running = useRef<AbortController | null>(null);
  const asked = useSignal({ path, parameters });
  const same = asked.peek().path === path && JSON.stringify(asked.peek().parameters) === JSON.stringify(parameters);

  const reload = useMemo(
    () => async () => {
      const { path: wanted, parameters: given } = asked.peek();
      running.current?.abort();
      if (wanted === null) return;
      const controller = new AbortController();
      running.current = controller;
      loadingSinceMs.value = Date.now();
      try {
        const result = await get<T>(wanted, given, controller.signal);
        if (controller.signal.aborted) return;
        if (result.ok) value.value = result.value;
        failure.value = result.ok ? null : result.failure;
        loadingSinceMs.value = null;
      } catch {
        // Given up for a newer load, which reports for itself.
      }
    },
    [],
  );

  useEffect(() => {
    if (!same) asked.value = { path, parameters };
  });
  useSignalEffect(() => {
    // Read for its change: another question is asked.
    void asked.value;
    if (options.keep !== true) value.value = null;
    failure.value = null;
    void reload();
  });
  useEffect(() => {
    const end = onReturn(reload);
    const everyMs = options.everyMs ?? 0;
    const timer =
      everyMs === 0
        ? 0
        : window.setInterval(() => {
            // An answer that takes longer than that would otherwise never come.
            if (!document.hidden && loadingSinceMs.peek() === null) void reload();
          }, everyMs);
    return () => {
      end();
      clearInterval(timer);
    };
  }, [options.everyMs]);
  // Only with the part that asked: how often it is loaded anew may change while a load runs.
  useEffect(() => () => running.current?.abort(), []);
  return useMemo(() => ({ value, failure, loadingSinceMs, reload }), []);
}
