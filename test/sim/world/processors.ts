import { concatMap, type Observable } from 'rxjs';
import type { Reading } from '../../../events/reading.ts';
import type { ProcessorContext, ProcessorOutput } from '../../../processors/custom/context.ts';
import type { CustomProcessor, ProcessorFunction } from '../../../processors/custom/load.ts';

/** What processors have left behind for later, as a timer would be: who runs them does it between two messages. */
export const leftBehind: (() => void)[] = [];

/** Custom processors of the simulation, by their file. A configuration names a file with its hash: `count.ts#1`. */
const functions: Readonly<Record<string, ProcessorFunction>> = {
  /** Counts the readings of each device; every other two of them are an alert. */
  'count.ts': (readings: Observable<Reading>, ctx: ProcessorContext) => {
    const seen = (ctx.state.seen ??= {}) as Record<string, number>;
    return readings.pipe(
      concatMap((reading): ProcessorOutput[] => {
        const value = (seen[reading.key] = (seen[reading.key] ?? 0) + 1);
        const firing = value % 4 >= 2;
        return [
          ctx.derive(reading, { seen: value }),
          ctx.alert(reading, { firing, field: 'seen', value, threshold: 2, condition: 'seen' }),
        ];
      }),
    );
  },
  /** Throws at a temperature above 9. */
  'throw.ts': (readings, ctx) =>
    readings.pipe(
      concatMap((reading): ProcessorOutput[] => {
        const { temperature } = reading.fields;
        if (typeof temperature === 'number' && temperature > 9) throw new Error('too hot');
        return [ctx.derive(reading, { cool: true })];
      }),
    ),
  /** Says nothing, and emits too late at a temperature above 8. */
  'late.ts': (readings, ctx) =>
    readings.pipe(
      (source) =>
        new (source.constructor as typeof Observable<ProcessorOutput>)((out) =>
          source.subscribe((reading) => {
            if (Number(reading.fields['temperature']) > 8)
              leftBehind.push(() => out.next(ctx.derive(reading, { late: true })));
          }),
        ),
    ),
};

export const processorNames = ['count', 'throw', 'late'] as const;

/** @param file with its hash */
export function customProcessor(name: string, file: string): CustomProcessor {
  const [path, hash] = file.split('#') as [string, string];
  return { name, file: path, hash, run: functions[path]! };
}
