import { CsvError, parse } from 'csv-parse/sync';
import type { FieldValue } from '../../events/reading.ts';
import type { TopicOf } from '../../infra/config/topic-schema.ts';
import type { DecodedPayload } from '../step.ts';
import type { Decoder } from './decoder.ts';
import { nameProblem, type FieldNames } from './field-names.ts';
import { tooMany, type ReadingLimits } from './json-object.ts';
import { ReadingFields } from './reading-fields.ts';
import { quote, refuse, type Refusal } from './refusal.ts';
import { decodeUtf8 } from './text.ts';
import { timeReader } from './time-reader.ts';

const number = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const notFinite = /^[-+]?(?:nan|inf|infinity)$/i;
/** Columns that a first line may name, as many as the configuration may. */
const columnsMax = 1024;
const timeNames = ['time', 'timestamp', 'ts'];

/**
 * Comma-separated values (RFC 4180, other delimiters too): a reading for each line, refused or taken alone. An empty
 * cell says nothing. Space around cells does not count, empty lines do not either.
 */
export function csv(topic: TopicOf<'csv'>, limits: ReadingLimits, names: FieldNames): Decoder {
  const { delimiter = ',', decimal = '.', header = false } = topic;
  const readTime = timeReader(topic);
  const tags = new Set(topic.tags);

  const decodeLine = (cells: readonly string[], columns: readonly string[], line: number): DecodedPayload | Refusal => {
    const at = `reading ${line} of the payload`;
    if (cells.length !== columns.length)
      return refuse('malformed', `${at} has ${cells.length} cells, the columns are ${columns.length}`);
    const timeColumn = topic.time ?? timeNames.find((name) => columns.includes(name));
    const fields = new ReadingFields(limits, names);
    const ownTags: Record<string, string> = {};
    let ownTimeUs: number | null = null;
    let device: string | undefined;
    for (const [i, column] of columns.entries()) {
      const cell = cells[i]!;
      if (column === '' || cell === '') continue;
      if (column === timeColumn) {
        const timeUs = readTime(cell);
        if (typeof timeUs !== 'number') return timeUs;
        ownTimeUs = timeUs;
      } else if (column === topic.device) device = cell;
      else if (tags.has(column)) ownTags[column] = cell;
      else {
        const value = cellValue(cell, decimal);
        const problem = value === null ? notFiniteCell(column, cell) : fields.add(column, value);
        if (problem !== null) return problem;
      }
    }
    if (fields.count === 0) return refuse('malformed', `${at} has no fields`);
    return fields.reading(ownTimeUs, {
      ...(device === undefined ? {} : { device }),
      ...(Object.keys(ownTags).length === 0 ? {} : { tags: ownTags }),
    });
  };

  return ({ payload }) => {
    const text = decodeUtf8(payload);
    if (text === null) return refuse('bad-text', 'the payload is not valid UTF-8');
    // One more than is taken, to see that there are too many, and the line of names.
    const lines = parseLines(text, delimiter, limits.readingsPerPublishMax + (header ? 2 : 1));
    if ('reason' in lines) return lines;
    const first = header ? lines.shift() : undefined;
    const columns = topic.columns ?? first ?? [];
    const problem = topic.columns === undefined ? columnsProblem(columns) : null;
    if (problem !== null) return problem;
    if (lines.length === 0) return refuse('malformed', 'the payload has no line with a reading');
    const readings = tooMany(lines.length, limits) ?? lines.map((cells, i) => decodeLine(cells, columns, i + 1));
    return Array.isArray(readings) && readings.length === 1 ? readings[0]! : readings;
  };
}

function parseLines(text: string, delimiter: string, linesMax: number): string[][] | Refusal {
  try {
    return parse(text, { delimiter, to: linesMax, relax_column_count: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return refuse('malformed', `the payload is no CSV: ${error.message.slice(0, 160)}`);
  }
}

/** What is wrong with the names in a payload's first line. */
function columnsProblem(columns: readonly string[]): Refusal | null {
  if (columns.length > columnsMax)
    return refuse('too-many-fields', `the first line names ${columns.length} columns, at most ${columnsMax} are taken`);
  for (const [i, column] of columns.entries()) {
    if (column === '') continue;
    const problem = nameProblem(column);
    if (problem !== null) return problem;
    if (columns.indexOf(column) < i) return refuse('bad-key', `column ${quote(column)} appears twice`);
  }
  return null;
}

/** A number, boolean or text; null for what is no finite number. */
function cellValue(cell: string, decimal: '.' | ','): FieldValue | null {
  const text = decimal === ',' ? cell.replace(',', '.') : cell;
  if (number.test(text)) return Number(text);
  if (notFinite.test(cell)) return null;
  return cell === 'true' ? true : cell === 'false' ? false : cell;
}

function notFiniteCell(column: string, cell: string): Refusal {
  return refuse('not-finite', `${quote(column)} is ${cell}`);
}
