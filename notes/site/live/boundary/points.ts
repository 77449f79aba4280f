/** Points of two classes in the square from −1.5 to 1.5. */
export interface Points {
  readonly x: readonly (readonly [number, number])[];
  readonly y: readonly (0 | 1)[];
}

export const SHAPES = {
  xor: "XOR",
  moons: "moons",
  spirals: "spirals",
  blobs: "blobs",
  own: "points of your own",
} as const;
export type Shape = keyof typeof SHAPES;

/** Half of the square's side. */
export const EDGE = 1.5;
const MOST = 200;

/** Points of one's own in an address: `-0.5,0.25,1;…`. What is no point is left out. */
export function readPoints(text: string): Points {
  const list = text
    .split(";")
    .map((one) => one.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part))))
    .filter((p) => p.length === 3 && Math.abs(p[0]) <= EDGE && Math.abs(p[1]) <= EDGE && !Number.isNaN(p[2]))
    .slice(0, MOST);
  return { x: list.map(([a, b]) => [a, b] as const), y: list.map(([, , label]) => (label > 0 ? 1 : 0)) };
}

export const writePoints = ({ x, y }: Points): string =>
  x.map(([a, b], i) => `${Number(a.toFixed(2))},${Number(b.toFixed(2))},${y[i]}`).join(";");

export const withPoint = ({ x, y }: Points, at: readonly [number, number], label: 0 | 1): Points =>
  x.length >= MOST ? { x, y } : { x: [...x, at], y: [...y, label] };
