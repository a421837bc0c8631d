import type { PlotOptions } from './plot.ts';

const wheelStep = 0.85;

/**
 * What uPlot has no gesture for: Ctrl with the wheel zooms, Shift with a drag or a finger pans. Returns how to stop.
 * A finger's vertical moves stay the page's (`touch-action: pan-y` in the style sheet).
 */
export function watchGestures(over: HTMLElement, options: Pick<PlotOptions, 'onPan' | 'onScale'>): () => void {
  let panFrom: number | null = null;
  const down = (event: PointerEvent) => {
    if (!event.shiftKey && event.pointerType !== 'touch') return;
    panFrom = event.clientX;
    over.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    if (panFrom === null) return;
    const moved = event.clientX - panFrom;
    if (Math.abs(moved) < 8) return;
    panFrom = event.clientX;
    options.onPan(-moved / over.clientWidth);
  };
  const up = () => {
    panFrom = null;
  };
  // uPlot begins its selection on mousedown: with Shift the drag is ours.
  const mouse = (event: MouseEvent) => {
    if (event.shiftKey) event.stopImmediatePropagation();
  };
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    options.onScale(event.deltaY < 0 ? wheelStep : 1 / wheelStep);
  };
  over.addEventListener('pointerdown', down);
  over.addEventListener('pointermove', move);
  over.addEventListener('pointerup', up);
  over.addEventListener('pointercancel', up);
  over.addEventListener('mousedown', mouse, { capture: true });
  over.addEventListener('wheel', wheel, { passive: false });
  return () => {
    over.removeEventListener('pointerdown', down);
    over.removeEventListener('pointermove', move);
    over.removeEventListener('pointerup', up);
    over.removeEventListener('pointercancel', up);
    over.removeEventListener('mousedown', mouse, { capture: true });
    over.removeEventListener('wheel', wheel);
  };
}
