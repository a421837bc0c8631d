import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';
import type { WindowGroup } from './window-group.ts';

/** What had closed for all groups of the fleet when a window was kept under other times: also of those forgotten since. */
export class ClosedBefore {
  #closedUs = 0;
  #settledUs = 0;

  raise(watermarkUs: number, retainUs: number): void {
    this.#closedUs = Math.max(this.#closedUs, watermarkUs);
    this.#settledUs = Math.max(this.#settledUs, watermarkUs - retainUs);
  }

  /** For a group that begins. */
  begin<G extends WindowGroup>(group: G): G {
    group.closedUpToUs = this.#closedUs;
    group.settledUpToUs = this.#settledUs;
    return group;
  }

  write(columns: ColumnWriter): void {
    columns.real(this.#closedUs);
    columns.real(this.#settledUs);
  }

  read(columns: ColumnReader): void {
    this.#closedUs = columns.real();
    this.#settledUs = columns.real();
  }
}
