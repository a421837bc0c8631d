import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkout } from '../setup/checkout.ts';
import { generatedFiles } from './generated-files.ts';

/** Writes the JSON Schema for editors and the reference page: `node infra/launch.mjs --script infra/config/generate.ts`. */
for (const [path, text] of generatedFiles()) {
  const file = join(checkout, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
