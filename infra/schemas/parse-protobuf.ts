import protobuf from 'protobufjs';
import { referencedSchemas, type Parsed, type ResolveReference, type SchemaText } from './schema-text.ts';

/** A Protobuf schema file: its message types in the order of the text, and what they need. */
export interface ProtobufSchema {
  readonly root: protobuf.Root;
  readonly packageName: string;
  /** Top-level messages of the file itself, in its order: what a payload's message indexes count. */
  readonly messages: readonly protobuf.Type[];
  readonly enums: readonly protobuf.Enum[];
}

/** A Protobuf schema (proto2, proto3, editions), by `protobufjs`. Google's well-known types are known without a reference. */
export function parseProtobuf(schema: SchemaText, resolve: ResolveReference): Parsed<ProtobufSchema> {
  const needed = referencedSchemas(schema, resolve);
  if ('problem' in needed) return needed;
  try {
    const root = new protobuf.Root();
    const names = new Set(needed.value.map(({ name }) => name));
    const loaded = new Set<string>();
    const load = (text: string) => {
      const parsed = protobuf.parse(text, root, { keepCase: true });
      for (const name of [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])]) {
        if (names.has(name) || loaded.has(name)) continue;
        const common = name.startsWith('google/protobuf/') ? protobuf.common.get(name) : null;
        if (common === null || common === undefined)
          throw new Error(`import "${name}" is neither among its references nor a well-known type`);
        loaded.add(name);
        if (common.nested !== undefined) root.addJSON(common.nested);
      }
      return parsed;
    };
    for (const { schema: other } of needed.value) load(other.text);
    const before = new Set(root.nestedArray);
    const parsed = load(schema.text);
    root.resolveAll();
    const packageName = parsed.package ?? '';
    const space = packageName === '' ? root : root.lookup(packageName);
    const nested = space instanceof protobuf.Namespace ? ownTypes(space, schema.text, before) : [];
    const messages = nested.filter((one) => one instanceof protobuf.Type);
    const enums = nested.filter((one) => one instanceof protobuf.Enum);
    if (messages.length === 0) return { problem: 'it defines no message' };
    return { value: { root, packageName, messages, enums } };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Of a package that several files add to, what this file defines. */
function ownTypes(space: protobuf.Namespace, text: string, before: ReadonlySet<unknown>): protobuf.ReflectionObject[] {
  const own = protobuf.parse(text, new protobuf.Root(), { keepCase: true });
  const names = own.package === null || own.package === undefined ? own.root : own.root.lookup(own.package);
  const wanted = names instanceof protobuf.Namespace ? names.nestedArray.map(({ name }) => name) : [];
  return wanted.flatMap((name) => {
    const found = space.get(name);
    return found === null || before.has(found) ? [] : [found];
  });
}
