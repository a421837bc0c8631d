import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EMPTY, type Observable } from 'rxjs';
import type { Reading } from '../../events/reading.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { ProcessorContext, ProcessorOutput } from './context.ts';

/** What a file in processors/custom/ exports by default. */
export type ProcessorFunction = (readings: Observable<Reading>, ctx: ProcessorContext) => Observable<ProcessorOutput>;

/** A custom processor, loaded and not yet started. */
export interface CustomProcessor {
  readonly name: string;
  readonly file: string;
  /** SHA-256 (hex) of the file, empty when there is none: one that failed is started again once its file has changed. */
  readonly hash: string;
  readonly run: ProcessorFunction;
  /** Why it could not be loaded, as a sentence; absent when it could. It counts as stopped then. */
  readonly problem?: string;
}

/**
 * Loads the processors that a configuration names. One that cannot be loaded holds up nobody: a partition may begin
 * under an older configuration, whose files are gone by now.
 * @param directory what their `file` is relative to
 */
export function loadProcessors(
  processors: ProcessingConfig['processors'],
  directory: string,
): Promise<CustomProcessor[]> {
  return Promise.all(processors.map(({ name, file }) => loadProcessor(name, file, resolve(directory, file))));
}

async function loadProcessor(name: string, file: string, path: string): Promise<CustomProcessor> {
  const unloaded = (hash: string, problem: string) => ({ name, file, hash, run: () => EMPTY, problem });

  let source: Buffer;
  try {
    source = await readFile(path);
  } catch (cause) {
    return unloaded('', `${path} cannot be read (${(cause as Error).message})`);
  }
  const hash = createHash('sha256').update(source).digest('hex');
  let run: unknown;
  try {
    // By its content: a file that has changed is loaded anew in a process that runs.
    ({ default: run } = (await import(`${pathToFileURL(path).href}?${hash}`)) as { default?: unknown });
  } catch (cause) {
    return unloaded(hash, `${path} cannot be loaded: ${String(cause)}`);
  }
  if (typeof run !== 'function')
    return unloaded(hash, `${path} must export a function by default: (readings, ctx) => Observable`);
  return { name, file, hash, run: run as ProcessorFunction };
}
