import { configJsonSchema } from './json-schema.ts';
import { configReference } from './reference.ts';

/** The files that follow from the schema: path in the checkout -> text. A test keeps them current. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const schema = configJsonSchema();
  return new Map([
    ['millrace.schema.json', `${JSON.stringify(schema, null, 2)}\n`],
    ['docs/config.md', configReference(schema)],
  ]);
}
