import { z } from 'zod';
import { RegistryFailure } from '../../../infra/schemas/registry-failure.ts';
import { schemaTypes, type SchemaText } from '../../../infra/schemas/schema-text.ts';

/** What clients send: keys that are not known here (metadata, rule sets) are of other offers and left out. */

const schemaBody = z.object({
  schema: z.string(),
  schemaType: z.string().nullish(),
  references: z
    .array(z.object({ name: z.string().min(1), subject: z.string().min(1), version: z.number().int() }))
    .nullish(),
});

/** @throws RegistryFailure INVALID_SCHEMA */
export function schemaOf(body: unknown): SchemaText {
  const parsed = schemaBody.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new RegistryFailure(
      'INVALID_SCHEMA',
      `Invalid request: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  const { schema, schemaType, references } = parsed.data;
  const type = schemaTypes.find((one) => one === (schemaType ?? 'AVRO'));
  if (type === undefined) throw new RegistryFailure('INVALID_SCHEMA', `Invalid schema type ${schemaType ?? ''}`);
  return { type, text: schema, references: references ?? [] };
}

/** A schema as answers have it: the type is left out where it is Avro, references where there are none. */
export function schemaView({ type, text, references }: SchemaText) {
  return {
    ...(type !== 'AVRO' && { schemaType: type }),
    ...(references.length > 0 && { references }),
    schema: text,
  };
}

/** A flag of the query: `?permanent=true`. */
export function isAsked(query: unknown, name: string): boolean {
  return (query as Readonly<Record<string, unknown>>)[name] === 'true';
}

export function queryText(query: unknown, name: string): string | null {
  const value = (query as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : null;
}
