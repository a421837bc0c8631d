import { concatMap, filter, type Observable } from 'rxjs';
import type { Reading } from '../../events/reading.ts';
import type { ProcessorContext, ProcessorOutput } from './context.ts';

/** Water condenses on anything colder than the dew point: alert when the mean is above this, in °C. */
const damp = 24;
/** Weight of a new reading in the running mean. */
const weight = 0.1;

/**
 * An example to copy: the dew point of each device that sends temperature and humidity together, its running mean,
 * and an alert when the mean says that the air is damp. The means are kept in `ctx.state`, so a restart goes on
 * where it stood.
 */
export default function dewPoint(readings: Observable<Reading>, ctx: ProcessorContext): Observable<ProcessorOutput> {
  const means = (ctx.state.means ??= {}) as Record<string, number>;
  return readings.pipe(
    filter(({ fields }) => typeof fields.temperature === 'number' && Number(fields.humidity) > 0),
    concatMap((reading) => {
      const value = dewPointOf(Number(reading.fields.temperature), Number(reading.fields.humidity));
      const mean = (means[reading.key] ?? value) * (1 - weight) + value * weight;
      means[reading.key] = mean;
      const condition = `mean dew point above ${damp}`;
      return [
        ctx.derive(reading, { dew_point: value, dew_point_mean: mean }),
        ctx.alert(reading, { firing: mean > damp, field: 'dew_point_mean', value: mean, threshold: damp, condition }),
      ];
    }),
  );
}

/** Magnus formula with the constants of Sonntag (1990): dew point in °C from °C and relative humidity in %. */
export function dewPointOf(temperature: number, humidity: number): number {
  const gamma = Math.log(humidity / 100) + (17.62 * temperature) / (243.12 + temperature);
  return (243.12 * gamma) / (17.62 - gamma);
}
