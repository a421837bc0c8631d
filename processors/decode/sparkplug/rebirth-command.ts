import type { RebirthRequest } from './edge-nodes.ts';
import { writeSparkplug } from '../../../infra/sparkplug/payload.ts';

const booleanType = 11;

/** The NCMD that has an edge node send its births again (Sparkplug 3.0.0, section 6.4.14 "Node Control/Rebirth"). */
export function rebirthCommand(
  { group, node }: Pick<RebirthRequest, 'group' | 'node'>,
  nowMs: number,
): { readonly topic: string; readonly payload: Uint8Array } {
  const metric = { name: 'Node Control/Rebirth', timestamp: nowMs, datatype: booleanType, booleanValue: true };
  return {
    topic: `spBv1.0/${group}/NCMD/${node}`,
    payload: writeSparkplug({ timestamp: nowMs, metrics: [metric] }),
  };
}
