import type { Mood, Stage, StageRow } from './stage.ts';

const edges: Record<Mood, string> = { fine: 'box', strained: 'box strained', broken: 'box broken' };
const values: Record<Mood, string> = { fine: 'v', strained: 'w', broken: 'c' };

interface StageBoxProps {
  readonly stage: Stage;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly figure?: string;
}

/** A stage with its rows; a link when it has a page. */
export function StageBox({ stage, x, y, width, height: tall, figure }: StageBoxProps) {
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
