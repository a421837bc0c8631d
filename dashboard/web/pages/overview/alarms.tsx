import type { PipelineFigures } from '../../../../events/pipeline.ts';
import { beat, serverNowMs } from '../../live/clock.ts';
import { Note } from '../../parts/notes.tsx';
import { age, duration } from '../../words/durations.ts';

/** What is wrong with Millrace itself: what, why, what goes on, what is next. */
export function Alarms({ figures }: { figures: PipelineFigures }) {
  void beat.value;
  const { influx, log } = figures;
  const down = influx !== null && influx.downSinceUs !== null;
  // The same loss in the server's words would be said twice.
  const others = figures.alarms.filter((alarm) => !down || !alarm.startsWith('InfluxDB'));
  return (
    <>
      {down && (
        <Note
          what={`InfluxDB has taken no write for ${duration(Math.floor((serverNowMs() - influx.downSinceUs / 1000) / 1000) * 1000)}.`}
        >
          {sentence(influx.error)} Readings wait in the log
          {log === null || log.fullInMs === null ? '' : `, which has room for ${duration(log.fullInMs)} more`}; alerts,
          the live feed and webhooks go on.
          {influx.nextTryAtUs !== null && ` ${nextTry(influx.nextTryAtUs / 1000 - serverNowMs())}`}
        </Note>
      )}
      {others.map((alarm) => (
        <Note key={alarm} what={sentence(alarm)} severity="warning" />
      ))}
    </>
  );
}

/** A try may take until its timeout. */
function nextTry(inMs: number): string {
  return inMs > 0 ? `Next try in ${age(inMs)}.` : 'A try is under way.';
}

function sentence(text: string): string {
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`;
}
