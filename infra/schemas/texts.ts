import type { Bus } from '../bus/connection.ts';
import type { ProcessingConfig } from '../config/schema.ts';
import { SchemaStore } from './schema-store.ts';
import type { SchemaInForce } from './schema-text.ts';

/** A schema as a configuration version holds it: its content is in KV `schemas`, under a hash that is never reused. */
type StoredSchema = Omit<SchemaInForce, 'name' | 'text' | 'references'>;

/** Of each bus one, so that a text is read once. */
const stores = new WeakMap<Bus, Promise<SchemaStore>>();

export function storeOf(bus: Bus): Promise<SchemaStore> {
  let store = stores.get(bus);
  if (store === undefined) {
    store = SchemaStore.open(bus);
    stores.set(bus, store);
    store.catch(() => stores.delete(bus));
  }
  return store;
}

/** The configuration as it is stored. */
export function withoutTexts(config: ProcessingConfig): object {
  const schemas = config.schemas.map(
    ({ name: _name, text: _text, references: _references, ...one }): StoredSchema => one,
  );
  return { ...config, schemas };
}

/** The configuration as processing needs it. @throws LOG_UNAVAILABLE when a text is not there */
export async function withTexts(bus: Bus, config: ProcessingConfig): Promise<ProcessingConfig> {
  const store = await storeOf(bus);
  const schemas: SchemaInForce[] = [];
  for (const one of config.schemas as readonly StoredSchema[]) {
    const { text, references } = await store.text(one.hash);
    schemas.push({ ...one, name: nameOf(one), text, references });
  }
  return { ...config, schemas };
}

export function nameOf({ subject, version }: Pick<SchemaInForce, 'subject' | 'version'>): string {
  return `${subject} version ${version}`;
}
