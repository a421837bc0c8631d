/** What is known of one metric by the birth that declared it. */
export interface DeclaredMetric {
  readonly name: string;
  /** Data type; null when the birth says none. */
  readonly type: number | null;
}

/** One edge node or a device of it, since its birth. */
export interface Declared {
  readonly byAlias: Map<number, DeclaredMetric>;
  readonly byName: Map<string, DeclaredMetric>;
  isOnline: boolean;
}

/** One edge node as its messages left it. */
export interface EdgeNode {
  /** `bdSeq` of the session: the number that its death carries too; null when the birth had none, or before one. */
  session: number | null;
  /** The number of its last message, 0 to 255; null before the birth. */
  sequence: number | null;
  /** Of the node itself under '', of its devices under their names. */
  readonly parts: Map<string, Declared>;
  metrics: number;
  /** `receivedAt` of the message that last had a rebirth asked for, us; 0 before. */
  askedAtUs: number;
}

/** As MessagePack holds it. */
export type EdgeNodesSnapshot = readonly (readonly [
  key: string,
  session: number | null,
  sequence: number | null,
  askedAtUs: number,
  parts: readonly (readonly [name: string, isOnline: boolean, metrics: readonly MetricRow[]])[],
])[];
type MetricRow = readonly [name: string, type: number | null, alias: number | null];

/** Edge nodes of one partition, and what one of them may declare with all its devices. */
export const edgeNodeLimits = { nodesMax: 10_000, metricsPerNodeMax: 20_000 } as const;

/** What an edge node is asked for: all its births again. */
export interface RebirthRequest {
  readonly group: string;
  readonly node: string;
  readonly why: string;
  /** The bridge by which the message came that shows it, and the topic of that; null: from the node itself. */
  readonly via: { readonly bridge: string; readonly topic: string } | null;
}

/** A node is asked for a rebirth at most this often, us of `receivedAt`. */
const askEveryUs = 30_000_000;
/** Requests of one message of the log; a node left out asks with its next message. */
const requestsMax = 100;

/** The edge nodes of one partition: what their births declared is part of the checkpoint. */
export class EdgeNodes {
  readonly #nodes = new Map<string, EdgeNode>();
  #requests: RebirthRequest[] = [];

  constructor(saved: EdgeNodesSnapshot = []) {
    for (const [key, session, sequence, askedAtUs, parts] of saved) {
      const node: EdgeNode = { session, sequence, askedAtUs, parts: new Map(), metrics: 0 };
      this.#nodes.set(key, node);
      for (const [name, isOnline, metrics] of parts) {
        const part = begin(node, name);
        part.isOnline = isOnline;
        for (const [metric, type, alias] of metrics) declare(node, part, { name: metric, type }, alias);
      }
    }
  }

  get(key: string): EdgeNode | null {
    return this.#nodes.get(key) ?? null;
  }

  /** The node of this key, made if there is room for another one. */
  open(key: string): EdgeNode | null {
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    if (this.#nodes.size >= edgeNodeLimits.nodesMax) return null;
    const node: EdgeNode = { session: null, sequence: null, parts: new Map(), metrics: 0, askedAtUs: 0 };
    this.#nodes.set(key, node);
    return node;
  }

  forget(key: string): void {
    this.#nodes.delete(key);
  }

  /** Has a rebirth asked for, unless that was done a moment ago. */
  ask(node: EdgeNode, receivedAtUs: number, request: RebirthRequest): void {
    if (node.askedAtUs !== 0 && receivedAtUs - node.askedAtUs < askEveryUs) return;
    if (this.#requests.length >= requestsMax) return;
    node.askedAtUs = receivedAtUs;
    this.#requests.push(request);
  }

  /** Those that came up since the last call. */
  takeRequests(): readonly RebirthRequest[] {
    if (this.#requests.length === 0) return none;
    const requests = this.#requests;
    this.#requests = [];
    return requests;
  }

  snapshot(): EdgeNodesSnapshot {
    return Array.from(this.#nodes, ([key, { session, sequence, askedAtUs, parts }]) => [
      key,
      session,
      sequence,
      askedAtUs,
      Array.from(parts, ([name, { isOnline, byName, byAlias }]) => {
        const aliases = new Map(Array.from(byAlias, ([alias, metric]) => [metric.name, alias]));
        const metrics = Array.from(byName.values(), (one): MetricRow => [
          one.name,
          one.type,
          aliases.get(one.name) ?? null,
        ]);
        return [name, isOnline, metrics] as const;
      }),
    ]);
  }
}

const none: readonly RebirthRequest[] = [];

/** A birth: what was declared under this name before is gone. */
export function begin(node: EdgeNode, name: string): Declared {
  node.metrics -= node.parts.get(name)?.byName.size ?? 0;
  const part: Declared = { byAlias: new Map(), byName: new Map(), isOnline: true };
  node.parts.set(name, part);
  return part;
}

/** Takes in a metric of a birth; of two with one name the first. False: it is one too many. */
export function declare(node: EdgeNode, part: Declared, metric: DeclaredMetric, alias: number | null): boolean {
  if (part.byName.has(metric.name)) return true;
  if (node.metrics >= edgeNodeLimits.metricsPerNodeMax) return false;
  node.metrics++;
  part.byName.set(metric.name, metric);
  if (alias !== null && !part.byAlias.has(alias)) part.byAlias.set(alias, metric);
  return true;
}
