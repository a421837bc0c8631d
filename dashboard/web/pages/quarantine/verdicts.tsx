import type { QuarantineItemAnswer } from '../../../../events/api-intake.ts';
import type { DecodeVerdict } from '../../../../events/redrive.ts';
import { Mark } from '../../parts/marks.tsx';
import { iso } from '../../words/times.ts';

/** What the configuration in force would make of the payload. */
export function Verdicts({ answer }: { answer: QuarantineItemAnswer }) {
  const { now, payload } = answer;
  if (payload === null)
    return (
      <p class="why dim">
        The log no longer holds this record: it was trimmed. What is shown is what the quarantine kept; it cannot be
        redriven.
      </p>
    );
  if (now === null) return <p class="why dim">No processor says at present what it would become.</p>;
  return (
    <ul class="verdicts">
      {now.verdicts.map((verdict, i) => (
        <li key={i}>{sentence(verdict)}</li>
      ))}
    </ul>
  );
}

function sentence(verdict: DecodeVerdict) {
  switch (verdict.kind) {
    case 'reading': {
      const { key, timeUs, ownTime, fields } = verdict.reading;
      return (
        <>
          <Mark kind="ok" /> A reading of <b>{key}</b> at {iso(timeUs / 1000)}
          {ownTime ? '' : ' (its arrival)'}: <code>{JSON.stringify(fields)}</code>
        </>
      );
    }
    case 'refused':
      return (
        <>
          Still refused, <b>{verdict.reason}</b>: {verdict.detail}
        </>
      );
    case 'filtered':
      if (verdict.transform === null) return <>Filtered: its topic has the format drop.</>;
      return (
        <>
          Filtered: transform <b>{verdict.transform}</b> leaves nothing of it.
        </>
      );
    case 'repeat':
      return <>The same reading as another one in it.</>;
  }
}
