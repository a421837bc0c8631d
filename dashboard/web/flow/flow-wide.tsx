import { useWidth } from '../parts/use-width.ts';
import { scale } from '../chart/colors.ts';
import { rate } from '../words/numbers.ts';
import { channelWidth } from './channel.ts';
import { FlowNarrow } from './flow-narrow.tsx';
import { Sinks } from './sinks.tsx';
import { StageBox } from './stage-box.tsx';
import type { Way } from './stages.ts';

const height = 206;
const centre = 98;
const boxHeight = 118;
const top = centre - boxHeight / 2;
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
            <StageBox key={stage.name} stage={stage} x={x(i)} y={top} width={wide} height={boxHeight} />
          ))}
          <Lags way={way} x={x(3)} width={wide} />
          <Sinks way={way} from={x(3) + wide} to={x(4)} centre={centre} width={wide} />
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
