import type { Steering } from './chart.tsx';
import type { Plot } from './plot.ts';

/** Keys of a focused chart. True when the key was one of them. */
export function chartKey(event: KeyboardEvent, plot: Plot | null, steering: Steering): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const by = event.shiftKey ? 10 : 1;
  switch (event.key) {
    case 'ArrowLeft':
      plot?.moveCursor(-by);
      return true;
    case 'ArrowRight':
      plot?.moveCursor(by);
      return true;
    default:
      return rangeKey(event.key, steering);
  }
}

/** Keys that change the range, for a chart and for the page around it. */
export function rangeKey(key: string, steering: Steering): boolean {
  switch (key) {
    case '[':
      steering.onPan(-0.5);
      return true;
    case ']':
      steering.onPan(0.5);
      return true;
    case '+':
      steering.onScale(0.5);
      return true;
    case '-':
      steering.onScale(2);
      return true;
    case '0':
      steering.onReset();
      return true;
    default:
      return false;
  }
}
