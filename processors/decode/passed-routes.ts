import type { Origin, PassedReading, PassedRecord } from '../../events/record.ts';
import type { Arrival, DecodedPayload } from '../step.ts';
import type { FieldNames } from './field-names.ts';
import { Generations } from './generations.ts';
import { hashText } from './hash.ts';
import type { Route } from './routes.ts';

/** Routes remembered in each of two generations. */
const routesKept = 4_096;

/** The routes of readings that were passed on from other partitions: under the key and tags that they came with. */
export class PassedRoutes {
  readonly #known = new Generations<Route>(routesKept);
  readonly #names: FieldNames;

  constructor(names: FieldNames) {
    this.#names = names;
  }

  of(topic: string, { key, device, tags }: PassedReading): Route {
    const text = JSON.stringify(tags);
    const name = `${topic}\0${key}\0${text}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const topicHash = hashText(topic);
    const route: Route = {
      key,
      device,
      tags,
      field: null,
      decode: decodedElsewhere,
      refusal: null,
      topicHash,
      tagsHash: hashText(text),
      known: null,
    };
    this.#known.set(name, route);
    return route;
  }

  /** The hash of a set of field names, as decoders give it. */
  shapeOf(fields: PassedReading['fields']): number {
    let shape = 0;
    for (const name of Object.keys(fields)) {
      const hash = this.#names.hashOf(name);
      if (typeof hash === 'number') shape += hash;
    }
    return shape;
  }
}

/** The arrival of a reading that was passed on; null of anything else. */
export function passedArrival(
  { record, as }: PassedRecord,
  origin: Origin,
  routes: PassedRoutes,
): (Pick<Arrival, 'record' | 'origin' | 'route' | 'payload'> & { readonly passed: true }) | null {
  if (record.kind !== 'publish' || as === undefined) return null;
  const { ownTimeUs, fields, presence } = as;
  const payload: DecodedPayload = { fields, ownTimeUs, shape: routes.shapeOf(fields), ...(presence && { presence }) };
  return { record, origin, route: routes.of(record.topic, as), payload, passed: true };
}

function decodedElsewhere(): never {
  throw new RangeError('what was passed on is decoded already');
}
