import type { Type } from 'avsc';

/**
 * Why data written under `writer` cannot be read under `reader`, by Avro's schema resolution; empty when it can.
 */
export function avroProblems(reader: Type, writer: Type): string[] {
  try {
    reader.createResolver(writer);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
