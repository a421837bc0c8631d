import type { PipelineFigures } from '../../../events/pipeline.ts';
import { beat, serverNowMs } from '../live/clock.ts';
import { figures } from '../live/feed.ts';
import { processingOf, type Processing } from '../live/processing.ts';
import { duration } from '../words/durations.ts';
import { rate } from '../words/numbers.ts';
import { clock } from '../words/times.ts';
import { Note } from './notes.tsx';

/** Says that processing has stopped or is behind, what goes on, and what happens next. @param partition of one device */
export function ProcessingNote({ partition = null }: { partition?: number | null }) {
  void beat.value;
  const present = figures.value;
  const state = processingOf(present, partition);
  if (present === null || state.kind === 'running') return null;
  if (state.kind === 'behind')
    return (
      <Note severity="warning" what={`Processing is ${whole(state.lagMs)} behind the log.`}>
        Values, states and alerts are as of then. {ingestWords(present)} It catches up by itself.
      </Note>
    );
  const room = present.log?.fullInMs ?? null;
  return (
    <Note what={stoppedWords(state)}>
      What is shown is from before; states are unknown now, and no rule judges. {ingestWords(present)} Readings wait in
      the log{room === null ? '' : `, which has room for ${duration(room)} more,`} and are processed when processing is
      back.
    </Note>
  );
}

function stoppedWords({ sinceMs, reason }: Extract<Processing, { kind: 'stopped' }>): string {
  if (reason !== '') return `The partition of this device is not processed: ${reason.replace(/\.$/, '')}.`;
  if (sinceMs === null) return 'Nothing is processed: no processors have reported since the dashboard started.';
  return `Processing stopped at ${clock(sinceMs)}, ${whole(serverNowMs() - sinceMs)} ago.`;
}

/** What goes on regardless. Whoever reads it at 3 a.m. wants to know first whether readings still come in. */
function ingestWords({ ingest }: PipelineFigures): string {
  if (ingest === null) return 'Ingest does not report either.';
  if (!ingest.writable) return 'Ingest takes nothing at present.';
  return `Ingest goes on receiving, ${rate(ingest.publishesPerS)}/s now.`;
}

function whole(ms: number): string {
  return duration(Math.max(0, Math.floor(ms / 1000)) * 1000);
}
