import type { BridgeReport } from '../../events/health.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import type { BridgeConfig } from '../../infra/config/schema.ts';
import { startLeases, type Leases } from '../../infra/leases/leases.ts';
import { Bridge, type BridgeOptions } from './bridge.ts';

export interface BridgesOptions extends Omit<BridgeOptions, 'bridge'> {
  readonly bridges: readonly BridgeConfig[];
  readonly bus: Bus;
  readonly instance: string;
  /** Tells the starts of one instance apart. */
  readonly start: string;
}

/** The bridges of the configuration: of several ingest processes each bridge is one's, by lease. */
export class Bridges {
  readonly #options: BridgesOptions;
  readonly #running = new Map<string, Bridge>();
  #leases: Leases | null = null;

  constructor(options: BridgesOptions) {
    this.#options = options;
  }

  /** Resolves after the first look at who holds what. */
  async start(): Promise<void> {
    const { bridges, bus, instance, start, log } = this.#options;
    if (bridges.length === 0) return;
    this.#leases = await startLeases({
      bus,
      instance,
      start,
      prefix: 'ingest.',
      groups: [bridges.map(({ name }) => name)],
      log,
      run: async ({ name, signal }) => {
        const bridge = new Bridge({ ...this.#options, bridge: bridges.find((one) => one.name === name)! });
        this.#running.set(name, bridge);
        try {
          await bridge.run(signal);
        } finally {
          this.#running.delete(name);
        }
      },
    });
  }

  /** Rejects when another process has taken this one's name. */
  get failed(): Promise<never> | undefined {
    return this.#leases?.failed;
  }

  /** Of those that this process has. */
  get reports(): readonly BridgeReport[] {
    return [...this.#running.values()].map(({ report }) => report);
  }

  /** Asks an edge node behind a bridge that this process has for its births; any other bridge is another process's. */
  ask(name: string, from: string, topic: string, payload: Buffer): void {
    this.#running.get(name)?.ask(from, topic, payload);
  }

  /** The log takes records again. */
  resume(): void {
    for (const bridge of this.#running.values()) bridge.resume();
  }

  /** Ends them: what is on its way is acknowledged, as far as the log answers. */
  async stop(): Promise<void> {
    await this.#leases?.stop();
  }
}
