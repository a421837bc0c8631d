import { signal } from '@preact/signals';
import type { HistoryAnswer } from '../../../../events/api.ts';
import type { LiveReading } from '../../../../events/live.ts';
import { get, type Failure } from '../../api/request.ts';
import { LiveTail } from '../../chart/live-tail.ts';

/** Charts of one device at most; further fields are in the list of latest values. */
export const fieldsMax = 12;

export interface FieldTrace {
  readonly field: string;
  readonly history: HistoryAnswer | null;
  readonly windows: HistoryAnswer | null;
  readonly failure: Failure | null;
  readonly tail: LiveTail;
  /** Text and booleans as they came live. */
  readonly texts: readonly { readonly timeUs: number; readonly text: string }[];
}

export interface Asked {
  readonly key: string;
  readonly fields: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly points: number;
  /** Null: readings only. */
  readonly window: string | null;
}

/** A field of which nothing is loaded yet. */
export function emptyTrace(field: string): FieldTrace {
  return { field, history: null, windows: null, failure: null, tail: new LiveTail(), texts: [] };
}

const textsMax = 1_000;

/**
 * History and live values of a device's fields. The page listens first and loads then, so that nothing falls between;
 * the live feed is conflated, so the page loads anew every so often.
 */
export class FieldTraces {
  readonly version = signal(0);
  readonly loadingSinceMs = signal<number | null>(null);
  readonly traces = new Map<string, FieldTrace>();
  #key = '';
  #window: string | null = null;
  #running: AbortController | null = null;

  async load(asked: Asked): Promise<void> {
    if (asked.key !== this.#key) this.traces.clear();
    this.#key = asked.key;
    if (asked.window !== this.#window) {
      this.#window = asked.window;
      for (const [field, trace] of this.traces) this.traces.set(field, { ...trace, windows: null });
    }
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    this.loadingSinceMs.value = Date.now();
    try {
      await Promise.all(
        asked.fields.slice(0, fieldsMax).map((field) => this.#loadField(asked, field, controller.signal)),
      );
      this.loadingSinceMs.value = null;
    } catch (cause) {
      if (!controller.signal.aborted) throw cause;
    }
  }

  async #loadField(asked: Asked, field: string, abort: AbortSignal): Promise<void> {
    const path = `/devices/${encodeURIComponent(asked.key)}/history`;
    const range = {
      field,
      from: Math.round(asked.fromMs * 1000),
      to: Math.round(asked.toMs * 1000),
      points: asked.points,
    };
    const [history, windows] = await Promise.all([
      get<HistoryAnswer>(path, range, abort),
      asked.window === null ? null : get<HistoryAnswer>(path, { ...range, window: asked.window }, abort),
    ]);
    if (abort.aborted) return;
    const before = this.#trace(field);
    this.traces.set(field, {
      ...before,
      history: history.ok ? history.value : before.history,
      windows: windows?.ok === true ? windows.value : before.windows,
      failure: history.ok ? null : history.failure,
    });
    if (history.ok && history.value.upToUs !== null) before.tail.forget(history.value.upToUs);
    this.version.value++;
  }

  take({ key, time, fields }: LiveReading): void {
    if (key !== this.#key) return;
    for (const [field, value] of Object.entries(fields)) {
      if (!this.traces.has(field) && this.traces.size >= fieldsMax) continue;
      const trace = this.#trace(field);
      if (typeof value === 'number') trace.tail.add(time, value);
      else
        this.traces.set(field, {
          ...trace,
          texts: [...trace.texts.slice(-textsMax), { timeUs: time, text: String(value) }],
        });
    }
    this.version.value++;
  }

  end(): void {
    this.#running?.abort();
  }

  #trace(field: string): FieldTrace {
    let trace = this.traces.get(field);
    if (trace === undefined) {
      trace = emptyTrace(field);
      this.traces.set(field, trace);
    }
    return trace;
  }
}
