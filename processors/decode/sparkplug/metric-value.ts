import type { FieldValue } from '../../../events/reading.ts';
import { quote, refuse, type Refusal } from '../refusal.ts';
import { textProblem } from '../text.ts';
import { signedOf, wholeOf, type SparkplugMetric } from '../../../infra/sparkplug/payload.ts';

/** Data types of metrics (Sparkplug 3.0.0, table 9 of section 6.4.16) that are read as signed integers. */
const int8 = 1;
const int16 = 2;
const int32 = 3;
const int64 = 4;

/**
 * The value of a metric as a field's. Integers of 64 bit are doubles here, exact up to 2^53; a DateTime is epoch
 * milliseconds. Null: it says that there is none (`is_null`).
 *
 * @param type its data type, from the birth or itself; null when neither says
 */
export function metricValue(name: string, metric: SparkplugMetric, type: number | null): FieldValue | Refusal | null {
  if (metric.isNull === true) return null;
  switch (metric.value) {
    case 'intValue':
      return signedInt(metric.intValue!, type);
    case 'longValue':
      // Int64, and a negative Int32 or less of a writer that widens.
      return (type !== null && type <= int64 ? signedOf(metric.longValue!) : wholeOf(metric.longValue!)) + 0;
    case 'floatValue':
      return finite(name, metric.floatValue!);
    case 'doubleValue':
      return finite(name, metric.doubleValue!);
    case 'booleanValue':
      return metric.booleanValue!;
    case 'stringValue':
      return textProblem(name, metric.stringValue!) ?? metric.stringValue!;
    case undefined:
      return refuse('not-sparkplug', `metric ${quote(name)} has no value and does not say that it is null`);
    default:
      return refuse(
        'not-sparkplug',
        `metric ${quote(name)} is ${kinds[metric.value] ?? 'of a kind that is not known'}; fields are numbers, booleans and texts`,
      );
  }
}

const kinds: Readonly<Record<string, string>> = {
  bytesValue: 'bytes, a file or an array',
  datasetValue: 'a DataSet',
  templateValue: 'a Template',
};

/** Signed integers of up to 32 bit travel as unsigned ones, as two's complement. */
function signedInt(bits: number, type: number | null): number {
  if (type === int8) return (bits << 24) >> 24;
  if (type === int16) return (bits << 16) >> 16;
  return type === int32 ? bits | 0 : bits;
}

function finite(name: string, value: number): number | Refusal {
  // + 0: minus zero is zero, as it is for everybody after MessagePack and JSON.
  return Number.isFinite(value) ? value + 0 : refuse('not-finite', `metric ${quote(name)} is ${value}`);
}
