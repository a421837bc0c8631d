/** Languages that schemas are written in, as the Confluent Schema Registry names them. */
export const schemaTypes = ['AVRO', 'PROTOBUF', 'JSON'] as const;

export type SchemaType = (typeof schemaTypes)[number];

/** Another schema that this one needs, under the name by which its text mentions or imports it. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema as it was written. */
export interface SchemaText {
  readonly type: SchemaType;
  readonly text: string;
  readonly references: readonly SchemaReference[];
}

/** A schema under one of the subjects that it is registered for, in force. */
export interface SchemaInForce extends SchemaText {
  /** What plans of changes call it. */
  readonly name: string;
  /** SHA-256 of its content, under which KV `schemas` holds that. */
  readonly hash: string;
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** Removed from its subject: payloads that name its id are still read, and it is nobody's latest. */
  readonly deleted?: true;
}

/** Finds what a reference means; null when it means nothing. */
export type ResolveReference = (reference: SchemaReference) => SchemaText | null;

export type Parsed<Value> = { readonly value: Value } | { readonly problem: string };

/** Schemas that one may need, however deep. */
const referencedMax = 64;

/**
 * What a schema needs, each once, a needed one before those that need it.
 * @returns a problem when one does not exist, needs itself or they are too many
 */
export function referencedSchemas(
  { references }: SchemaText,
  resolve: ResolveReference,
): Parsed<readonly { readonly name: string; readonly schema: SchemaText }[]> {
  const found = new Map<string, { name: string; schema: SchemaText }>();
  const open = new Set<string>();
  let problem: string | null = null;
  const visit = (list: readonly SchemaReference[]): void => {
    for (const reference of list) {
      const key = `${reference.name}\0${reference.subject}\0${reference.version}`;
      if (problem !== null || found.has(key)) continue;
      const said = `reference "${reference.name}" (${reference.subject}, version ${reference.version})`;
      const schema = resolve(reference);
      if (schema === null) problem = `${said} does not exist`;
      else if (open.has(key)) problem = `${said} needs itself`;
      else if (open.size + found.size >= referencedMax) problem = `it needs more than ${referencedMax} other schemas`;
      if (schema === null || problem !== null) return;
      open.add(key);
      visit(schema.references);
      open.delete(key);
      found.set(key, { name: reference.name, schema });
    }
  };
  visit(references);
  return problem === null ? { value: [...found.values()] } : { problem };
}

/** The text under which equal schemas are found equal: JSON without its white space, Protobuf without what is around it. */
export function comparableText(type: SchemaType, text: string): string {
  if (type === 'PROTOBUF') return text.replaceAll('\r\n', '\n').trim();
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    // It is no schema, which whoever parses it says.
    return text;
  }
}
