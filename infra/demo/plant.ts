import { join } from 'node:path';
import { checkout } from '../setup/checkout.ts';
import type { ChildSpec } from '../supervisor/child.ts';

/** The simulated plant of the demo: 24 devices twice a second, a few of their readings going wrong. */
export function plantChild(mqttUrl: string): ChildSpec {
  const flags = {
    devices: '24',
    rate: '48',
    seed: '7',
    faults: 'late=0.5%,duplicated=0.5%,reordered=0.5%,malformed=0.2%,stray=0.2%',
    url: mqttUrl,
  };
  return {
    name: 'simulator',
    command: process.execPath,
    args: [
      join(checkout, 'infra', 'cli.ts'),
      'simulate',
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    ],
    cwd: checkout,
  };
}

export const demoConfigFile = join(checkout, 'infra', 'demo', 'millrace.yaml');
/** Kept apart from what `npm start` keeps. */
export const demoDataDirectory = '.millrace/demo';
