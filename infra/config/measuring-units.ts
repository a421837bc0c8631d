import { suggestion } from './nearest-name.ts';

/** A unit of measurement: a value in it times `factor` plus `offset` is the value in its quantity's SI unit. */
interface Unit {
  readonly quantity: string;
  readonly factor: number;
  readonly offset: number;
}

/**
 * By quantity, the factors to its SI unit. Source: NIST Special Publication 811 (2008), appendix B, and the SI
 * Brochure, 9th edition, tables 8 and 9. Exact where the definition is (inch, pound, calorie_IT, standard atmosphere).
 */
const factors: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  pressure: {
    Pa: 1,
    hPa: 100,
    kPa: 1e3,
    MPa: 1e6,
    mbar: 100,
    bar: 1e5,
    atm: 101_325,
    psi: 6_894.757_293_168,
    mmHg: 133.322_387_415,
    inHg: 3_386.388_640_341,
  },
  length: { m: 1, um: 1e-6, mm: 1e-3, cm: 1e-2, km: 1e3, in: 0.0254, ft: 0.3048, yd: 0.9144, mi: 1_609.344 },
  mass: { kg: 1, mg: 1e-6, g: 1e-3, t: 1e3, lb: 0.453_592_37, oz: 0.028_349_523_125 },
  speed: { 'm/s': 1, 'km/h': 1 / 3.6, 'mm/s': 1e-3, mph: 0.447_04, kn: 1_852 / 3_600, 'ft/s': 0.3048 },
  energy: {
    J: 1,
    kJ: 1e3,
    MJ: 1e6,
    Wh: 3_600,
    kWh: 3.6e6,
    MWh: 3.6e9,
    cal: 4.1868,
    kcal: 4_186.8,
    BTU: 1_055.055_852_62,
  },
  power: { W: 1, mW: 1e-3, kW: 1e3, MW: 1e6, hp: 745.699_871_582_27, PS: 735.498_75 },
  flow: {
    'm³/s': 1,
    'm³/h': 1 / 3_600,
    'l/s': 1e-3,
    'l/min': 1e-3 / 60,
    'l/h': 1e-3 / 3_600,
    'gal/min': 3.785_411_784e-3 / 60,
  },
  volume: { 'm³': 1, l: 1e-3, ml: 1e-6, gal: 3.785_411_784e-3 },
  time: { s: 1, ms: 1e-3, min: 60, h: 3_600, d: 86_400 },
  angle: { rad: 1, '°': Math.PI / 180 },
  frequency: { Hz: 1, kHz: 1e3, MHz: 1e6, rpm: 1 / 60 },
  voltage: { V: 1, mV: 1e-3, kV: 1e3 },
  current: { A: 1, mA: 1e-3 },
  share: { '1': 1, '%': 1e-2, ppm: 1e-6 },
};

const units: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ...Object.entries(factors).flatMap(([quantity, list]) =>
    Object.entries(list).map(([name, factor]) => [name, { quantity, factor, offset: 0 }] as const),
  ),
  ['K', { quantity: 'temperature', factor: 1, offset: 0 }],
  ['°C', { quantity: 'temperature', factor: 1, offset: 273.15 }],
  ['°F', { quantity: 'temperature', factor: 5 / 9, offset: 459.67 * (5 / 9) }],
]);

/** A value of the one unit is `(value + before) * multiply / divide + after` in the other. */
export interface Conversion {
  readonly before: number;
  readonly multiply: number;
  readonly divide: number;
  readonly after: number;
}

/** How to convert, or why there is no way, as a sentence. */
export function conversion(from: string, to: string): Conversion | { readonly problem: string } {
  const [a, b] = [units.get(from), units.get(to)];
  if (a === undefined || b === undefined) {
    const unknown = a === undefined ? from : to;
    return { problem: `knows no unit "${unknown}"${suggestion(unknown, [...units.keys()])}` };
  }
  if (a.quantity !== b.quantity) return { problem: `${from} is a ${a.quantity}, ${to} a ${b.quantity}` };
  // Zero points are added on the side where they are round (32, 273.15), so that 212 °F is 100 °C to the last bit.
  const after = (a.offset - b.offset) / b.factor;
  const before = (a.offset - b.offset) / a.factor;
  const isAfterRound = Math.abs(after - rounded(after)) < 1e-9;
  return {
    before: isAfterRound ? 0 : rounded(before),
    multiply: a.factor,
    divide: b.factor,
    after: isAfterRound ? rounded(after) : 0,
  };
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** The names of all units, by quantity, for the docs' table. */
export function unitNames(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [name, { quantity }] of units) found.set(quantity, [...(found.get(quantity) ?? []), name]);
  return found;
}
