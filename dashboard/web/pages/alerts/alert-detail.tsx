import { useEffect } from 'preact/hooks';
import type { ActiveAlert, AlertAnswer, PastAlert } from '../../../../events/api-alerts.ts';
import { groupName } from '../../../../events/group-name.ts';
import { useResource } from '../../api/resource.ts';
import { beat, logNowMs } from '../../live/clock.ts';
import { onFrame } from '../../live/feed.ts';
import { unknownNow as notKnown } from '../../live/unknown.ts';
import { CopyText } from '../../parts/copy.tsx';
import { Mark, alertMark } from '../../parts/marks.tsx';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { valueText } from '../../parts/value.tsx';
import { devicePath } from '../../router/routes.ts';
import { age, duration, lasted } from '../../words/durations.ts';
import { everyDigit } from '../../words/numbers.ts';
import { EvidenceChart } from './evidence-chart.tsx';
import { Steps } from './steps.tsx';
import { clearWords, judged, limitWords, silenceWords, unknownNow } from './words.ts';

/** Why one alert fired: a sentence, the evidence, what was seen step by step. `known` is null for one no longer listed. */
export function AlertDetail({ id, known }: { id: string; known: ActiveAlert | PastAlert | null }) {
  void beat.value;
  const loaded = useResource<AlertAnswer>(`/alerts/${encodeURIComponent(id)}`, {}, { everyMs: 10_000 });
  const answer = loaded.value.value;
  const failure = loaded.failure.value;
  const key = answer?.steps[0]?.key ?? known?.key;
  useEffect(
    () => onFrame((frame) => void (frame.type === 'alert' && frame.transition.key === key && loaded.reload())),
    [id, key],
  );
  if (answer === null || answer.steps.length === 0) {
    return (
      <section class="sec" aria-label="Explanation">
        {failure !== null ? (
          <FailureNote
            what={failure.status === 404 ? 'This alert is no longer known.' : 'The explanation could not be loaded.'}
            failure={failure}
            goesOn={failure.status === 404 ? 'Its steps are kept for a limited time.' : ''}
            retry={() => void loaded.reload()}
          />
        ) : (
          <Loading what="the explanation" sinceMs={loaded.loadingSinceMs.value} />
        )}
      </section>
    );
  }
  const step = answer.steps[0]!;
  const lost = notKnown() !== null;
  const active = known !== null && 'state' in known ? known : null;
  const past = known !== null && 'resolvedAtUs' in known ? known : null;
  const { unit } = answer;
  const name = groupName({ ...step, label: answer.label });
  const firing = active !== null && active.state === 'firing' && !lost;
  return (
    <section class="sec" aria-label="Explanation">
      <header>
        <span class="st">
          <Mark
            kind={past !== null ? 'ok' : alertMark(active?.state ?? step.to, step.severity, lost)}
            label={past !== null ? 'resolved' : lost ? 'unknown' : step.severity}
          />
          <h2>
            {name}, {step.rule.replaceAll('-', ' ')}
          </h2>
        </span>
        {active !== null && (
          <span class={firing ? `pill ${active.severity}` : 'pill'}>
            {firing ? 'firing' : 'unknown,'} {age(logNowMs() - active.firingSinceUs / 1000)}
          </span>
        )}
        {past !== null && (
          <span class="pill">resolved after {lasted((past.resolvedAtUs - past.firingSinceUs) / 1000)}</span>
        )}
        <span class="grow" />
        {step.device !== '' && (
          <a class="link" href={devicePath(step.key)}>
            Open device
          </a>
        )}
      </header>
      <Why answer={answer} active={active} lost={lost} unit={unit} />
      <EvidenceChart id={id} answer={answer} known={known} />
      <Steps answer={answer} />
      <dl class="dl left">
        <dt>Log position</dt>
        <dd>
          <CopyText text={`p${step.origin.partition} #${everyDigit(step.origin.sequence)}`} />
        </dd>
        <dt>Alert id</dt>
        <dd>
          <CopyText text={step.id} />
        </dd>
      </dl>
    </section>
  );
}

function Why({
  answer,
  active,
  lost,
  unit,
}: {
  answer: AlertAnswer;
  active: ActiveAlert | null;
  lost: boolean;
  unit: string;
}) {
  const { rule } = answer;
  const step = answer.steps[0]!;
  const name = groupName({ ...step, label: answer.label });
  if (rule === null) {
    return (
      <div class="why">
        <p>
          Fired because of <b>{step.condition}</b>. The rule is no longer in the configuration.
        </p>
      </div>
    );
  }
  // The latest reading is none of what a rule about windows judges: of that the last step is known.
  const now = (rule.window === null ? active?.latest : null) ?? active?.value ?? null;
  const tone = active?.state === 'firing' && !lost ? (active.severity === 'critical' ? 'crit' : 'warn') : '';
  const held =
    rule.forMs > 0 ? (
      <>
        {' '}
        stayed <b>{limitWords(rule, unit)}</b> for <b>{duration(rule.forMs)}</b>
      </>
    ) : (
      <>
        {' '}
        was <b>{limitWords(rule, unit)}</b>
      </>
    );
  return (
    <div class="why">
      <p>
        Fired because <b>{judged(rule)}</b>
        {held}.{' '}
        {active !== null && now !== null && (
          <>
            It {lost || rule.window !== null ? 'was' : 'is'}{' '}
            <b class={tone}>{`${valueText(now)}${unit === '' ? '' : ` ${unit}`}`}</b>{' '}
            {rule.window !== null ? 'then' : lost ? 'when last heard' : 'now'} and {clearWords(rule, unit)}.
          </>
        )}
      </p>
      {active !== null && active.state === 'firing' && <p class="dim">{silenceWords(name, rule)}</p>}
      {active !== null && active.state === 'unknown' && <p class="dim">{unknownNow(name, step)}</p>}
    </div>
  );
}
