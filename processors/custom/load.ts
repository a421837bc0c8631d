import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Observable } from 'rxjs';
import type { Reading } from '../../events/reading.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { MillraceError } from '../../infra/errors.ts';
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

/**
 * Loads the processors that a configuration names.
 * @param directory what their `file` is relative to
 * @throws MillraceError PROCESSOR_FAILED when a file is missing, cannot be run, or exports no function
 */
export function loadProcessors(
  processors: ProcessingConfig['processors'],
  directory: string,
): Promise<CustomProcessor[]> {
  return Promise.all(processors.map(({ name, file }) => loadProcessor(name, file, resolve(directory, file))));
}

async function loadProcessor(name: string, file: string, path: string): Promise<CustomProcessor> {
  const failed = (why: string, cause?: unknown) =>
    new MillraceError('PROCESSOR_FAILED', `processor "${name}": ${why}`, { cause });

  const source = await readFile(path).catch((cause: unknown) => {
    throw failed(`${path} cannot be read (${(cause as Error).message})`, cause);
  });
  const module = (await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw failed(`${path} cannot be loaded: ${String(cause)}`, cause);
  })) as { default?: unknown };
  if (typeof module.default !== 'function') {
    throw failed(`${path} must export a function by default: (readings, ctx) => Observable`);
  }
  const hash = createHash('sha256').update(source).digest('hex');
  return { name, file, hash, run: module.default as ProcessorFunction };
}
