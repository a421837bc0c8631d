import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Config, processingConfig, type ProcessingConfig } from '../config/schema.ts';
import { checkout } from '../setup/checkout.ts';

/**
 * What a configuration version holds: the processing part, with a hash of each custom processor's file, so that a
 * changed file is another version and its control record says where in the log it changed.
 */
export function versionedConfig(config: Config): ProcessingConfig {
  const processing = processingConfig(config);
  return {
    ...processing,
    processors: processing.processors.map((processor) => ({ ...processor, hash: hashOf(processor.file) })),
  };
}

/** SHA-256 (hex); empty when the file cannot be read, which its start reports. */
function hashOf(file: string): string {
  try {
    return createHash('sha256')
      .update(readFileSync(resolve(checkout, file)))
      .digest('hex');
  } catch {
    return '';
  }
}
