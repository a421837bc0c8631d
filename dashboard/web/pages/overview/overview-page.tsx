import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { overviewRanges, type OverviewAnswer, type OverviewRange } from '../../../../events/api.ts';
import { useResource } from '../../api/resource.ts';
import { FlowNarrow } from '../../flow/flow-narrow.tsx';
import { FlowWide } from '../../flow/flow-wide.tsx';
import { LedgerRow } from '../../flow/ledger-row.tsx';
import { wayOf } from '../../flow/stages.ts';
import { figures, onFrame, pulse } from '../../live/feed.ts';
import { isLost } from '../../live/pulse.ts';
import { narrow } from '../../parts/narrow.ts';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { ProcessingNote } from '../../parts/processing-note.tsx';
import { Segmented } from '../../parts/segmented.tsx';
import { place, setQuery } from '../../router/location.ts';
import { clock } from '../../words/times.ts';
import { ActiveAlerts } from './active-alerts.tsx';
import { Alarms } from './alarms.tsx';
import { FirstRun } from './first-run.tsx';
import { NotReporting } from './not-reporting.tsx';
import { PipelineCharts } from './pipeline-charts.tsx';
import { Transforms } from './transforms.tsx';
import { withSample } from './series-window.ts';

const labels: Record<OverviewRange, string> = { '15m': '15 min', '1h': '1 h', '6h': '6 h' };
const spansMs: Record<OverviewRange, number> = { '15m': 900_000, '1h': 3_600_000, '6h': 21_600_000 };
const reloadMs = 10_000;

export function OverviewPage() {
  const asked = place.value.query.get('range');
  const range = overviewRanges.find((one) => one === asked) ?? '15m';
  const overview = useResource<OverviewAnswer>('/overview', { range }, { everyMs: reloadMs, keep: true });
  const answer = overview.value.value;
  const series = useSignal<OverviewAnswer['series'] | null>(null);
  useEffect(() => {
    if (answer === null) return;
    series.value = answer.series;
    figures.value ??= answer.figures;
  }, [answer]);
  useEffect(
    () =>
      onFrame((frame) => {
        if (frame.type === 'alert') void overview.reload();
        if (frame.type === 'stats' && series.peek() !== null) {
          series.value = withSample(series.peek()!, frame.sample, spansMs[range] * 1000);
        }
      }),
    [range],
  );

  // The list is loaded every 10 s, its number is live: when the first falls silent, it is loaded at once.
  const someStale = (figures.value?.sensors.stale ?? 0) > 0;
  useEffect(() => void overview.reload(), [someStale]);
  const present = figures.value ?? answer?.figures ?? null;
  const failure = overview.failure.value;
  const lost = isLost(pulse.value);
  // Without processors nobody knows whether there was a reading.
  const isFirst = present?.processors !== null && present?.sensors.devices === 0;
  if (present !== null && isFirst && (present.ledger?.stored ?? 0) === 0) return <FirstRun figures={present} />;
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>Overview</h1>
        <span class="grow" />
        <Segmented
          label="Range of the charts"
          options={overviewRanges.map((one) => [one, labels[one]] as const)}
          value={range}
          onChange={(one) => setQuery({ range: one === '15m' ? null : one }, true)}
        />
      </div>
      <div class="body">
        {failure !== null && (
          <FailureNote
            what="The overview could not be loaded."
            failure={failure}
            goesOn={lost ? '' : 'Figures stay live.'}
            retry={() => void overview.reload()}
          />
        )}
        <ProcessingNote />
        {present !== null && <Alarms figures={present} />}
        <section class={lost ? 'sec way-sec lost' : 'sec way-sec'} aria-label="Way of a reading">
          <header>
            <h2>Way of a reading</h2>
            <span class="sub only-desk">width of the channel = readings/s, log scale</span>
            <span class="grow" />
            <span class="sub">
              {lost && present !== null
                ? `as of ${clock(present.atUs / 1000)}, now unknown`
                : 'last 10 s, times are p99'}
            </span>
          </header>
          {present === null ? <Loading what="the figures" sinceMs={overview.loadingSinceMs.value} /> : <Flow />}
          {present !== null && present.ledger !== null && <LedgerRow ledger={present.ledger} />}
          {answer !== null && <Transforms transforms={answer.transforms} />}
        </section>
        <PipelineCharts series={series.value} spanMs={spansMs[range]} label={labels[range]} />
        <div class="split">
          <ActiveAlerts alerts={answer?.alerts ?? null} counts={present?.alerts ?? null} />
          <NotReporting rows={answer?.silent ?? null} figures={present} />
        </div>
      </div>
    </>
  );
}

function Flow() {
  const present = figures.value;
  if (present === null) return null;
  return narrow.value ? <FlowNarrow way={wayOf(present)} /> : <FlowWide way={wayOf(present)} />;
}
