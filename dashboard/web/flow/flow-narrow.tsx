import type { ComponentChildren } from 'preact';
import { channelWidth } from './channel.ts';
import type { Mood, Stage } from './stage.ts';
import type { Way } from './stages.ts';

/** The channel in a phone's 22 px gutter: the same rule at this scale. */
const shrink = 0.45;
const left = 4;

const words: Record<Mood, string> = { fine: 'dim', strained: 'warn', broken: 'crit' };

/** The way of a reading, top to bottom: the channel runs down the left, one row per stage. */
export function FlowNarrow({ way }: { way: Way }) {
  const trunk = [way.sensors, way.ingest, way.log, way.processors];
  const branches = way.sinks.map((sink) => slim(sink));
  return (
    <ul class="way">
      {trunk.map((stage, i) => (
        <Line key={stage.name} stage={stage}>
          <Trunk wide={slim(stage)} from={i === 0 ? 14 : 0} to={44} />
        </Line>
      ))}
      {way.sinks.map((sink, i) => {
        const carried = Math.max(...branches.slice(i));
        const last = i === branches.length - 1;
        return (
          <Line key={sink.name} stage={sink}>
            <Trunk wide={carried} from={0} to={last ? 22 : 44} />
            {branches[i] === 0 ? (
              <path class="dry" d={`M${left + Math.max(1, carried)} 22H22`} />
            ) : (
              <rect
                class="flowing"
                x={left + (last ? 0 : carried)}
                y={22 - branches[i]! / 2}
                width={22 - left}
                height={branches[i]}
              />
            )}
          </Line>
        );
      })}
    </ul>
  );
}

function slim(stage: Stage): number {
  const wide = channelWidth(stage.perS);
  return wide === 0 ? 0 : Math.max(1, wide * shrink);
}

function Trunk({ wide, from, to }: { wide: number; from: number; to: number }) {
  if (wide === 0) return <path class="dry" d={`M${left + 1} ${from}V${to}`} />;
  return <rect class="flowing" x={left} y={from} width={wide} height={to - from} />;
}

function Line({ stage, children }: { stage: Stage; children: ComponentChildren }) {
  return (
    <li>
      <svg viewBox="0 0 22 44" width="22" height="44" aria-hidden="true">
        {children}
      </svg>
      {stage.href === null ? (
        <span class="strong">{stage.name}</span>
      ) : (
        <a class="strong" href={stage.href}>
          {stage.name}
        </a>
      )}
      <span class={`line ${words[stage.mood]}`}>{stage.line}</span>
      <span class="num">{stage.figure}</span>
    </li>
  );
}
