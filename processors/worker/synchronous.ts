import { Subject, type OperatorFunction } from 'rxjs';
import { MillraceError } from '../../infra/errors.ts';

/**
 * Pushes values through an operator that has to emit exactly once for each, before `push` returns: then the position
 * in the log and the operators' state move together.
 */
export class Synchronous<In, Out> {
  readonly #input = new Subject<In>();
  readonly #emitted: Out[] = [];
  #failure: { readonly error: unknown } | null = null;

  constructor(operator: OperatorFunction<In, Out>) {
    this.#input.pipe(operator).subscribe({
      next: (value) => this.#emitted.push(value),
      error: (error: unknown) => (this.#failure = { error }),
    });
  }

  /** @throws PROCESSOR_FAILED when the operator threw, or did not emit exactly once. */
  push(value: In): Out {
    if (this.#emitted.length > 0) throw failed('emitted after its message had been processed', undefined);
    this.#input.next(value);
    if (this.#failure !== null) throw failed(`failed: ${textOf(this.#failure.error)}`, this.#failure.error);
    const emitted = this.#emitted.splice(0);
    if (emitted.length !== 1) throw failed(`emitted ${emitted.length} steps for one message`, undefined);
    return emitted[0]!;
  }
}

function failed(what: string, cause: unknown): MillraceError {
  return new MillraceError('PROCESSOR_FAILED', `The pipeline ${what}.`, { cause });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
