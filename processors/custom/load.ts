import type { Observable } from 'rxjs';
import type { Reading } from '../../events/reading.ts';
import type { ProcessorContext, ProcessorOutput } from './context.ts';

/** What a file in processors/custom/ exports by default. */
export type ProcessorFunction = (readings: Observable<Reading>, ctx: ProcessorContext) => Observable<ProcessorOutput>;

/** A custom processor, loaded and not yet started. */
export interface CustomProcessor {
  readonly name: string;
  readonly file: string;
  /** SHA-256 (hex) of the file: a processor that failed is started again once its file has changed. */
  readonly hash: string;
  readonly run: ProcessorFunction;
}
