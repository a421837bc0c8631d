import type { WindowResult } from '../../events/window.ts';
import { isFleetWindow } from '../../infra/config/fleet-scope.ts';
import type { ProcessingConfig, WindowConfig } from '../../infra/config/schema.ts';

interface Span {
  readonly startUs: number;
  endUs: number;
}

/** The windows of one name and key that were written, the oldest first. */
interface Written {
  readonly fleet: boolean;
  /** Its watermark is past a window's end by so much when nothing changes it any more. */
  readonly slackUs: number;
  spans: Span[];
}

/** Of one group operators hold no more closed windows for late readings. */
const heldMax = 64;

/**
 * The windows that a replay has written and that later messages of the log may still revise. A few for each device and
 * window: those that end within `retain` of its latest.
 */
export class RevisableWindows {
  readonly #written = new Map<string, Written>();

  note(result: WindowResult, config: ProcessingConfig): void {
    const { window, key, startUs, endUs } = result;
    const id = `${window}\n${key}`;
    let written = this.#written.get(id);
    if (written === undefined) {
      const own = config.windows.find(({ name }) => name === window);
      if (own === undefined || own.kind === 'count' || own.kind === 'sliding') return;
      written = { fleet: isFleetWindow(own), slackUs: slackUs(own, config), spans: [] };
      this.#written.set(id, written);
    }
    const known = written.spans.find((span) => span.startUs === startUs);
    if (known === undefined) written.spans.push({ startUs, endUs });
    else known.endUs = endUs;
    // A window is closed once there is a reading in it, so the watermark is past its start less the lateness.
    this.#settle(id, written, startUs);
    if (written.spans.length > heldMax)
      written.spans = written.spans.toSorted((a, b) => a.startUs - b.startUs).slice(-heldMax);
  }

  has({ window, key, startUs }: WindowResult): boolean {
    return this.#written.get(`${window}\n${key}`)?.spans.some((span) => span.startUs === startUs) ?? false;
  }

  /** Whether none is left at this time of the log's clock, which closes the windows that span devices. */
  isEmpty(nowUs: number): boolean {
    for (const [id, written] of this.#written) if (written.fleet) this.#settle(id, written, nowUs);
    return this.#written.size === 0;
  }

  #settle(id: string, written: Written, reachedUs: number): void {
    written.spans = written.spans.filter(({ endUs }) => endUs + written.slackUs > reachedUs);
    if (written.spans.length === 0) this.#written.delete(id);
  }
}

/** Lateness and retain; of a folded window the greatest of those it is folded from. */
function slackUs(window: WindowConfig, config: ProcessingConfig): number {
  let lateness = 0;
  let retain = 0;
  for (let one: WindowConfig | undefined = window; one !== undefined;) {
    lateness = Math.max(lateness, one.lateness);
    retain = Math.max(retain, one.retain);
    const { from }: WindowConfig = one;
    one = from === undefined ? undefined : config.windows.find(({ name }) => name === from);
  }
  return (lateness + retain) * 1e3;
}
