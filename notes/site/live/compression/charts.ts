import { type Line, lines } from "../lib/lines.ts";
import { bytes, percent, shown } from "../lib/numbers.ts";
import type { Against, Bits, Point, Profiled, Row } from "./work.ts";

const COLOURS: Readonly<Record<Bits, Line["color"]>> = {
  "32": "ink",
  "16": "muted",
  "8": "blue",
  "4": "orange",
};

export const costOf = (point: Point, against: Against): string =>
  against === "bytes" ? bytes(point.bytes) : `${shown(point.ms, 3)} ms`;

/** Accuracy over size or time; the points that nothing beats are joined. */
export function front(
  points: readonly Point[],
  best: readonly number[],
  against: Against,
  width: number,
): SVGSVGElement {
  const place = (point: Point) =>
    [against === "bytes" ? point.bytes / 1000 : point.ms, 100 * point.accuracy] as const;
  const list = best.map((i) => points[i]).sort((a, b) => a[against] - b[against]);
  const words = list.map(
    (p) => `${p.bits} bits, ${p.sparsity} % zeros: ${percent(p.accuracy)}, ${costOf(p, against)}`,
  );
  const dots = (Object.keys(COLOURS) as Bits[]).map((bits): Line => {
    const some = points.filter((point) => point.bits === bits).sort((a, b) => a[against] - b[against]);
    return {
      name: some.length > 0 ? `${bits} bits` : "",
      color: COLOURS[bits],
      points: some.map(place),
      dots: true,
    };
  });
  const joined: Line = { name: "", color: "muted", points: list.map(place), dashed: true };
  const heights = points.map((point) => 100 * point.accuracy);
  const [low, high] = [Math.min(...heights, 95), Math.max(...heights, 99)];
  return lines([joined, ...dots], {
    yRange: [low - 0.06 * (high - low), high],
    ...{ width, height: 280, names: 62, log: "x" },
    ...{ x: against === "bytes" ? "size, kB" : "time of 100 digits, ms", y: "accuracy, %" },
    alt: `${points.length} networks. On the front: ${words.join("; ")}.`,
  });
}

/** Rows below this share of the time would only cover the others. */
const VISIBLE = 0.005;
const NAMED = 4;

/** Operations with arithmetic, by their intensity and their rate, below the two ceilings of the machine. */
export function roof({ rows, ceilings, wallMs }: Profiled, width: number): SVGSVGElement {
  const [memory, arithmetic] = [ceilings.bytesPerSecond / 1e9, ceilings.flopsPerSecond / 1e9];
  const points = rows.filter(({ flops, bytes, ms }) => flops > 0 && bytes > 0 && ms > VISIBLE * wallMs);
  const place = ({ flops, bytes, ms }: Row) => [flops / bytes, flops / ms / 1e6] as const;
  const ridge = arithmetic / memory;
  const across = [ridge / 20, 20 * ridge, ...points.map((row) => place(row)[0])];
  const [left, right] = [Math.min(...across) / 1.5, Math.max(...across) * 1.5];
  const ceiling: Line = {
    ...{ name: "", color: "ink" },
    points: [
      [left, left * memory],
      [ridge, arithmetic],
      [right, arithmetic],
    ],
  };
  const dots = points.map(
    (row, i): Line => ({
      name: i < NAMED ? short(row.name) : "",
      color: "blue",
      points: [place(row)],
      dots: true,
    }),
  );
  const words = points
    .slice(0, NAMED)
    .map(
      (row) =>
        `${row.name}: ${shown(place(row)[0], 3)} operations a byte, ${shown(place(row)[1], 3)} GFLOP/s`,
    );
  return lines([ceiling, ...dots], {
    ...{ width, height: 300, log: "both", names: 12, x: "operations for each byte", y: "GFLOP/s" },
    alt: `Ceilings: ${shown(memory, 3)} GB/s, ${shown(arithmetic, 3)} GFLOP/s. ${words.join("; ")}.`,
  });
}

/** Names have little room beside their points. */
const short = (name: string): string => (name.length > 26 ? `${name.slice(0, 25)}…` : name);
