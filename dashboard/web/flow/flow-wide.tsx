import { useWidth } from '../parts/use-width.ts';
import { scale } from '../chart/colors.ts';
import { rate } from '../words/numbers.ts';
import { channelWidth } from './channel.ts';
import { FlowNarrow } from './flow-narrow.tsx';
import type { Mood, Stage, StageRow, Way } from './stages.ts';

const height = 206;
const centre = 98;
const boxHeight = 118;
const top = centre - boxHeight / 2;
const sinkTops = [0, 70, 140] as const;
const sinkHeight = 56;
/** Under this the boxes leave no room for the channel between them. */
const leastWidth = 940;

/** The way of a reading, left to right. Every stage that has a page opens it. */
export function FlowWide({ way }: { way: Way }) {
  const [box, measured] = useWidth<HTMLDivElement>();
  const k = scale();
  const width = measured / k;
  const wide = width > 1100 ? 170 : 158;
  const gap = (width - 5 * wide) / 4;
  const x = (i: number) => i * (wide + gap);
  const stages = [way.sensors, way.ingest, way.log, way.processors];
  if (measured > 0 && width < leastWidth) {
    return (
      <div ref={box}>
        <FlowNarrow way={way} />
      </div>
    );
  }
  return (
    <div class="flow" ref={box}>
      {measured > 0 && (
        <svg
          width={width * k}
          height={height * k}
          viewBox={`0 0 ${width} ${height}`}
          role="group"
          aria-label="Way of a reading, left to right"
        >
          {[0, 1, 2].map((i) => (
            <Channel key={i} from={x(i) + wide} to={x(i + 1)} perS={stages[i]!.perS} time={way.times[i]!} />
          ))}
          {stages.map((stage, i) => (
            <Box key={stage.name} stage={stage} x={x(i)} y={top} width={wide} height={boxHeight} />
          ))}
          <Lags way={way} x={x(3)} width={wide} />
          <Sinks way={way} from={x(3) + wide} to={x(4)} width={wide} />
          {way.refusedPerS > 0 && <Drain x={x(1)} text={`${rate(way.refusedPerS)}/s refused`} />}
          {way.asidePerS > 0 && <Drain x={x(3)} text={`${rate(way.asidePerS)}/s set aside`} />}
        </svg>
      )}
    </div>
  );
}

function Channel({ from, to, perS, time }: { from: number; to: number; perS: number | null; time: string }) {
  const wide = channelWidth(perS);
  const middle = (from + to) / 2;
  if (wide === 0) return <path class="dry" d={`M${from} ${centre}H${to}`} />;
  const [above, below] = [centre - wide / 2, centre + wide / 2];
  return (
    <>
      <rect class="ch" x={from} y={above} width={Math.max(0, to - from)} height={wide} />
      <path class="chl" d={`M${from} ${above}H${to}M${from} ${below}H${to}`} />
      <text class="rate" x={middle} y={above - 7} text-anchor="middle">
        {rate(perS)}/s
      </text>
      <text class="f" x={middle} y={below + 16} text-anchor="middle">
        {time}
      </text>
    </>
  );
}

const edges: Record<Mood, string> = { fine: 'box', strained: 'box strained', broken: 'box broken' };
const values: Record<Mood, string> = { fine: 'v', strained: 'w', broken: 'c' };

interface BoxProps {
  readonly stage: Stage;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly figure?: string;
}

function Box({ stage, x, y, width, height: tall, figure }: BoxProps) {
  const inside = (
    <>
      <rect class={edges[stage.mood]} x={x + 0.5} y={y + 0.5} width={width - 1} height={tall - 1} rx="2" />
      <text class="h" x={x + 10} y={y + 19}>
        {stage.name}
      </text>
      {figure !== undefined && (
        <text class="rate" x={x + width - 10} y={y + 19} text-anchor="end">
          {figure}
        </text>
      )}
      {stage.rows.map((row, i) => (
        <Row key={row.label} row={row} x={x} y={y + 38 + i * 18} width={width} />
      ))}
    </>
  );
  return stage.href === null ? <g>{inside}</g> : <a href={stage.href}>{inside}</a>;
}

function Row({ row, x, y, width }: { row: StageRow; x: number; y: number; width: number }) {
  return (
    <>
      <text class={row.value === '' && row.mood !== 'fine' ? values[row.mood] : ''} x={x + 10} y={y}>
        {row.label}
      </text>
      <text class={values[row.mood]} x={x + width - 10} y={y} text-anchor="end">
        {row.value}
      </text>
    </>
  );
}

/** A bar per partition, full at 5 s of lag. */
function Lags({ way, x, width }: { way: Way; x: number; width: number }) {
  const shown = way.lags.slice(0, 8);
  const part = (width - 20 + 4) / Math.max(1, shown.length);
  return (
    <>
      {shown.map(({ partition, share, stopped }, i) => (
        <g key={partition}>
          <rect class="lagb" x={x + 10 + i * part} y={top + 92} width={part - 4} height="5" />
          <rect
            class={stopped ? 'lagc' : 'lagf'}
            x={x + 10 + i * part}
            y={top + 92}
            width={stopped ? part - 4 : Math.max(1.5, (part - 4) * share)}
            height="5"
          />
          <text class={stopped ? 'c micro' : 'f micro'} x={x + 10 + i * part} y={top + 110}>
            p{partition}
          </text>
        </g>
      ))}
    </>
  );
}

/** Three branches that leave the channel side by side, each as wide as what it carries. */
function Sinks({ way, from, to, width }: { way: Way; from: number; to: number; width: number }) {
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
            <Box
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

function Drain({ x, text }: { x: number; text: string }) {
  return (
    <>
      <path class="chl" d={`M${x + 24} ${top + boxHeight}v16q0 6 6 6h6`} />
      <text x={x + 42} y={top + boxHeight + 26}>
        {text}
      </text>
    </>
  );
}
