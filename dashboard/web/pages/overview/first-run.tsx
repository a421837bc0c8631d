import { useRef } from 'preact/hooks';
import type { StatusAnswer } from '../../../../events/api.ts';
import type { PipelineFigures } from '../../../../events/pipeline.ts';
import { useResource } from '../../api/resource.ts';
import { FlowNarrow } from '../../flow/flow-narrow.tsx';
import { FlowWide } from '../../flow/flow-wide.tsx';
import { wayOf } from '../../flow/stages.ts';
import { beat } from '../../live/clock.ts';
import { CopyLine } from '../../parts/copy.tsx';
import { Mark } from '../../parts/marks.tsx';
import { narrow } from '../../parts/narrow.ts';
import { age } from '../../words/durations.ts';
import { pluralCount } from '../../words/plurals.ts';
import { Alarms } from './alarms.tsx';
import { brokerAddress, firstReadings, plainTopic, sampleTopic } from './first-reading.ts';

/** Before the first reading: the channel is dry; how to fill it, and what is refused meanwhile. */
export function FirstRun({ figures }: { figures: PipelineFigures }) {
  void beat.value;
  const sinceMs = useRef(Date.now());
  const status = useResource<StatusAnswer>('/status', {}, { everyMs: 10_000 }).value.value;
  const way = wayOf(figures);
  const stages = [way.sensors, way.ingest, way.log, way.processors, ...way.sinks];
  const taken = status?.topics.filter(({ format }) => format !== 'drop') ?? [];
  const topic = plainTopic(taken);
  const refused = Object.values(figures.ingest?.refused ?? {}).reduce((sum, amount) => sum + amount, 0);
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>Overview</h1>
        <span class="sub">Listening. No reading has arrived yet.</span>
      </div>
      <div class="body">
        <Alarms figures={figures} />
        <section class="sec" aria-label="Way of a reading">
          <header>
            <h2>Way of a reading</h2>
            <span class="sub">
              {stages.every((stage) => stage.mood === 'fine') ? 'every stage is ready' : 'not every stage is ready'}
            </span>
          </header>
          {narrow.value ? <FlowNarrow way={way} /> : <FlowWide way={way} />}
        </section>
        <div class="split empty">
          <section class="sec" aria-label="Send the first reading">
            <header>
              <h2>Send the first reading</h2>
            </header>
            <div class="form">
              {topic !== undefined &&
                firstReadings(topic, { ...status!, pageHost: location.hostname }).map(({ label, command }) => (
                  <div class="field" key={label}>
                    <span class="l">{label}</span>
                    <CopyLine text={command} label={label} />
                    {command.startsWith('mosquitto') && (
                      <span class="hint">Device press-7 appears here as soon as the log has it.</span>
                    )}
                  </div>
                ))}
            </div>
            <div class="foot">
              <span class="st">
                <Mark kind="unknown" /> Waiting for {age(Date.now() - sinceMs.current)}
              </span>
              <span class="grow" />
              <span class="faint only-desk">
                {pluralCount(refused, 'connection or packet', 'connections and packets')} refused
              </span>
            </div>
          </section>
          <section class="sec" aria-label="Nothing arrives?">
            <header>
              <h2>Nothing arrives?</h2>
            </header>
            <dl class="dl left">
              <dt>Refused</dt>
              <dd>{refusedWords(figures)}</dd>
              <dt>No topic match</dt>
              <dd>
                {figures.quarantine.unmatchedTopics === 0 ? (
                  '0 topics'
                ) : (
                  <a class="link" href="/quarantine">
                    {pluralCount(figures.quarantine.unmatchedTopics, 'topic')}
                  </a>
                )}
              </dd>
              <dt>Quarantined</dt>
              <dd>{pluralCount(figures.quarantine.total, 'message')}</dd>
            </dl>
            {status !== null && (
              <p class="why dim">
                Topics that match:{' '}
                {taken.map(({ template }, i) => (
                  <>
                    {i > 0 && (i === taken.length - 1 ? ' and ' : ', ')}
                    <code key={template} title={sampleTopic(template)}>
                      {template}
                    </code>
                  </>
                ))}
                . MQTT 3.1.1 on <code>{addressText(status.mqttUrl)}</code>. To listen on another address, set{' '}
                <code>mqtt.host</code>.
              </p>
            )}
          </section>
        </div>
      </div>
    </>
  );
}

function addressText(mqttUrl: string): string {
  const { host, port } = brokerAddress(mqttUrl, location.hostname);
  return `${host}:${port}`;
}

function refusedWords({ ingest }: PipelineFigures): string {
  const reasons = Object.entries(ingest?.refused ?? {}).filter(([, amount]) => amount > 0);
  if (reasons.length === 0) return 'nothing';
  return reasons.map(([reason, amount]) => `${amount} ${reason.replaceAll('-', ' ')}`).join(', ');
}
