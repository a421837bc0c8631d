import type { Type } from 'avsc';
import { refuse } from '../refusal.ts';
import { avroProblem } from './avro-extent.ts';
import { plainAvro } from './plain-value.ts';
import type { SchemaReader } from './schema-readers.ts';

/** Reads Avro's binary encoding (specification 1.11): `avsc` reads what has been looked through before. */
export function avroReader(type: Type): SchemaReader {
  return (bytes) => {
    const problem = avroProblem(type, bytes);
    if (problem !== null) return problem;
    try {
      return { value: plainAvro(type, type.fromBuffer(bytes)) };
    } catch (error) {
      return refuse('schema', error instanceof Error ? error.message.slice(0, 200) : String(error));
    }
  };
}
