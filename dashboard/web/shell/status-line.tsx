import type { StatusAnswer } from '../../../events/api.ts';
import type { PipelineFigures } from '../../../events/pipeline.ts';
import { beat, serverNowMs } from '../live/clock.ts';
import { figures, pulse, tryNow } from '../live/feed.ts';
import { processingOf } from '../live/processing.ts';
import type { Pulse } from '../live/pulse.ts';
import { Mark } from '../parts/marks.tsx';
import { age, duration } from '../words/durations.ts';
import { count, rate } from '../words/numbers.ts';
import { clock, ownZone, switchZone, zone, zoneName } from '../words/times.ts';
import { keysShown } from './keys.ts';

/** The pulse of the channel on every page; inverted while the connection is lost. */
export function StatusLine({ status }: { status: StatusAnswer | null }) {
  void beat.value;
  const now = pulse.value;
  if (now.kind === 'lost' && (now.lastFrameMs !== null || now.attempt > 1)) return <LostLine pulse={now} />;
  const present = figures.value;
  return (
    <footer class="status" aria-label="Pipeline">
      <span class="live" role="status">
        <Mark kind={now.kind === 'live' || now.kind === 'filled' ? 'live' : 'unknown'} />
        {pulseWords(now)}
      </span>
      {present !== null && <Figures figures={present} />}
      <span class="end only-desk">
        {status === null
          ? ''
          : status.readiness.durability === 'power-loss'
            ? 'survives power loss'
            : 'survives kill -9'}
      </span>
      <span class="only-desk">
        <button
          type="button"
          class="bare"
          onClick={switchZone}
          title={`Show times in ${zone.value === 'UTC' ? ownZone : 'UTC'}`}
        >
          {zoneName(serverNowMs())}
        </button>
      </span>
      <span class="only-desk">
        <button type="button" class="bare" onClick={() => (keysShown.value = true)}>
          <kbd>?</kbd> keys
        </button>
      </span>
    </footer>
  );
}

function pulseWords(now: Pulse): string {
  switch (now.kind) {
    case 'connecting':
    case 'lost':
      return 'Connecting';
    case 'live':
      return 'Live';
    case 'waiting':
      return `Waiting for data, ${Math.floor((Date.now() - now.sinceMs) / 1000)} s`;
    case 'filling':
      return `Filling in ${duration(Math.round(now.missedMs / 1000) * 1000)}`;
    case 'filled':
      return `Live, ${duration(Math.round(now.missedMs / 1000) * 1000)} filled in`;
  }
}

function Figures({ figures: present }: { figures: PipelineFigures }) {
  const { live, processors, influx, ledger, alerts, quarantine, ingest } = present;
  const processing = processingOf(present);
  const down = influx !== null && influx.downSinceUs !== null;
  return (
    <>
      <span>
        <b>{rate(ingest?.publishesPerS ?? null)}</b> readings/s
      </span>
      {live.screen.p99 !== null && (
        <>
          <span class="only-desk steady">
            sensor to screen <b>{duration(live.screen.p50)}</b> p50 <b>{duration(live.screen.p99)}</b> p99
          </span>
          <span class="only-phone">
            p99 <b>{duration(live.screen.p99)}</b>
          </span>
        </>
      )}
      {processing.kind === 'stopped' ? (
        <span class="alarm">
          <Mark kind="critical" label="critical" />
          Processing stopped{' '}
          {processing.sinceMs !== null && (
            <b>{duration(Math.floor((serverNowMs() - processing.sinceMs) / 1000) * 1000)}</b>
          )}
        </span>
      ) : down ? (
        <span class="alarm">
          <Mark kind="critical" label="critical" />
          InfluxDB behind <b>{duration(Math.floor((serverNowMs() - influx.downSinceUs / 1000) / 1000) * 1000)}</b>
        </span>
      ) : (
        <span class="only-desk">
          log lag <b>{age(processors?.lagMs ?? null)}</b>
        </span>
      )}
      {quarantine.total > 0 && (
        <span class="only-desk">
          quarantine <b>{count(quarantine.total)}</b>
        </span>
      )}
      {ledger !== null && (
        <span class={ledger.difference === 0 ? 'only-desk' : 'only-desk crit'}>
          ledger <b>{ledger.difference === 0 ? 'balanced' : `off by ${count(Math.abs(ledger.difference))}`}</b>
        </span>
      )}
      {!down && processing.kind === 'running' && alerts.total > 0 && (
        <span class="only-phone">
          {(['critical', 'warning', 'info'] as const).map((severity) =>
            alerts[severity] === 0 ? null : (
              <>
                <Mark kind={severity} label={severity} />
                <b>{alerts[severity]}</b>
              </>
            ),
          )}
        </span>
      )}
    </>
  );
}

function LostLine({ pulse: lost }: { pulse: Extract<Pulse, { kind: 'lost' }> }) {
  const nextMs = lost.nextTryMs - Date.now();
  return (
    <footer class="status lost" aria-label="Pipeline">
      <span class="live" role="status">
        <Mark kind="lost" />
        Connection lost
      </span>
      <span class="what">
        {lost.lastFrameMs === null ? (
          'Nothing was received yet'
        ) : (
          <span>
            Showing what was known at <b>{clock(lost.lastFrameMs)}</b>, {age(Date.now() - lost.lastFrameMs)} ago
          </span>
        )}
      </span>
      <span class="only-desk">
        {nextMs > 300 ? `Next try in ${Math.ceil(nextMs / 1000)} s` : 'Trying'}, attempt {lost.attempt}
      </span>
      <span>
        <button type="button" class="btn" onClick={tryNow}>
          Try now
        </button>
      </span>
      <span class="end only-desk">{lost.reason}</span>
    </footer>
  );
}
