import { z } from 'zod';
import { configSchema } from './schema.ts';

/** What JSON Schema says of one place in the configuration, as far as the reference and the checks read it. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode | boolean;
  readonly prefixItems?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** The JSON Schema of the file as people write it: durations and sizes are text. */
export function configJsonSchema(): SchemaNode {
  const schema = z.toJSONSchema(configSchema, { io: 'input' });
  return { title: 'millrace.yaml', ...schema } as SchemaNode;
}

/** The maps that an entry of a list may be: several where its keys go by one of them, such as `format`. */
export function formsOf(node: SchemaNode | boolean | undefined): readonly SchemaNode[] {
  if (typeof node !== 'object') return [];
  const forms = node.anyOf ?? node.oneOf;
  if (forms !== undefined) return forms.flatMap(formsOf);
  return node.properties === undefined ? [] : [node];
}
