import { rate } from '../words/numbers.ts';
import { channelWidth } from './channel.ts';
import { StageBox } from './stage-box.tsx';
import type { Way } from './stages.ts';

const sinkTops = [0, 70, 140] as const;
const sinkHeight = 56;

interface SinksProps {
  readonly way: Way;
  /** Where the channel ends, and where the boxes begin. */
  readonly from: number;
  readonly to: number;
  readonly centre: number;
  readonly width: number;
}

/** Three branches that leave the channel side by side, each as wide as what it carries. */
export function Sinks({ way, from, to, centre, width }: SinksProps) {
  const wides = way.sinks.map((sink) => channelWidth(sink.perS));
  const space = wides.map((wide) => Math.max(wide, 1));
  let at = centre - (space.reduce((sum, wide) => sum + wide, 0) + 8) / 2;
  return (
    <>
      {way.sinks.map((sink, i) => {
        const start = at + space[i]! / 2;
        at += space[i]! + 4;
        return (
          <g key={sink.name}>
            <Branch from={from} to={to} start={start} end={sinkTops[i]! + sinkHeight / 2} wide={wides[i]!} />
            <StageBox
              stage={sink}
              x={to}
              y={sinkTops[i]!}
              width={width}
              height={sinkHeight}
              figure={
                sink.perS === null || (sink.perS === 0 && sink.mood === 'fine') ? undefined : `${rate(sink.perS)}/s`
              }
            />
          </g>
        );
      })}
    </>
  );
}

function Branch({
  from,
  to,
  start,
  end,
  wide,
}: {
  from: number;
  to: number;
  start: number;
  end: number;
  wide: number;
}) {
  const bend = from + (to - from) * 0.42;
  const curve = (shift: number) =>
    `M${from} ${start + shift}C${bend} ${start + shift} ${bend} ${end + shift} ${to} ${end + shift}`;
  if (wide === 0) return <path class="dry" d={curve(0)} />;
  const half = wide / 2;
  const area = `${curve(-half)}L${to} ${end + half}C${bend} ${end + half} ${bend} ${start + half} ${from} ${start + half}Z`;
  return (
    <>
      <path class="ch" d={area} />
      <path class="chl" d={curve(-half) + curve(half)} />
    </>
  );
}
