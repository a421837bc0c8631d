import type { Transition } from '../../events/alert.ts';
import type { DerivedReading } from '../../events/reading.ts';
import type { WindowResult } from '../../events/window.ts';
import type { Step } from '../step.ts';

/** Results of closed windows that a rebuild hands on; of more the latest. The state is not touched by it. */
export const rebuiltWindowsMax = 50_000;
/** And transitions. */
export const rebuiltTransitionsMax = 10_000;
/** And readings that joins made. */
export const rebuiltDerivedMax = 50_000;

/** What a rebuild found of the past, as far as it is handed on. */
export class RebuiltOutputs {
  readonly #closed = new Map<string, WindowResult>();
  #transitions: Transition[] = [];
  #derived: DerivedReading[] = [];

  take({ windows, transitions, derived }: Pick<Step, 'windows' | 'transitions' | 'derived'>): void {
    for (const result of windows) {
      const { window, key, field, startUs } = result;
      const id = `${window}\n${key}\n${field}\n${startUs}`;
      // The last revision, in the place of the last: so the oldest go first.
      this.#closed.delete(id);
      this.#closed.set(id, result);
      if (this.#closed.size > rebuiltWindowsMax) this.#closed.delete(this.#closed.keys().next().value!);
    }
    for (const transition of transitions) this.#transitions.push(transition);
    if (this.#transitions.length > 2 * rebuiltTransitionsMax) this.#transitions = this.transitions();
    for (const reading of derived) this.#derived.push(reading);
    if (this.#derived.length > 2 * rebuiltDerivedMax) this.#derived = this.#derived.slice(-rebuiltDerivedMax);
  }

  /** Of the windows of these names, the last revision of each. */
  closed(names: ReadonlySet<string>): WindowResult[] {
    return [...this.#closed.values()].filter(({ window }) => names.has(window));
  }

  /** In the order they happened. */
  transitions(): Transition[] {
    return this.#transitions.slice(-rebuiltTransitionsMax);
  }

  /** What the joins of these names gave, in the order they gave it. */
  derived(names: ReadonlySet<string>): DerivedReading[] {
    return this.#derived.filter(({ processor }) => names.has(processor)).slice(-rebuiltDerivedMax);
  }
}
