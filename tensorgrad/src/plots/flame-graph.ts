import * as Plot from "@observablehq/plot";
import { checked } from "../00-runtime/index.ts";
import { draw } from "./draw.ts";
import { color, mix } from "./theme.ts";

/** A frame, as wide as its value; what it holds stands below it. */
export interface FlameFrame {
  readonly name: string;
  readonly value: number;
  readonly children: readonly FlameFrame[];
}

/** Options of `flameGraph`. */
export interface FlameGraphOptions {
  readonly title: string;
  /** Of the values: "ms". */
  readonly unit: string;
}

/** A frame in its place. */
interface Placed {
  readonly name: string;
  readonly value: number;
  readonly start: number;
  readonly depth: number;
}

const [WIDTH, ROW, MARGIN] = [960, 20, 8];
/** Frames narrower than a third of a pixel are left out, names that have no room, too. */
const NARROWEST = 0.33;
const PIXELS_A_LETTER = 6.6;

/** Where a sum comes from: frames within frames (an icicle: the whole on top). Point at one for its value. */
export function flameGraph(root: FlameFrame, options: FlameGraphOptions): string {
  const { title, unit } = checked("flameGraph", options, ["title", "unit"]);
  if (!(root.value > 0))
    throw new RangeError(`flameGraph "${title}": the whole is ${root.value} ${unit} — nothing to divide`);
  const pixels = (value: number): number => (value / root.value) * (WIDTH - 2 * MARGIN);
  const frames = place(root, 0, 0).filter(({ value }) => pixels(value) >= NARROWEST);
  const depth = frames.reduce((most, frame) => Math.max(most, frame.depth), 0) + 1;
  const rounded = (value: number): string => String(Number(value.toPrecision(3)));
  const fit = ({ name, value }: Placed): string => {
    const letters = Math.floor((pixels(value) - 6) / PIXELS_A_LETTER);
    return letters >= name.length ? name : letters >= 4 ? `${name.slice(0, letters - 1)}…` : "";
  };
  return draw(title, {
    width: WIDTH,
    height: 58 + ROW * depth + 40,
    marginLeft: MARGIN,
    marginRight: MARGIN,
    x: { label: unit, labelAnchor: "right", domain: [0, root.value], ticks: 8 },
    y: { axis: null, domain: [0, depth], reverse: true },
    marks: [
      Plot.rect(frames, {
        x1: "start",
        x2: ({ start, value }: Placed) => start + value,
        y1: "depth",
        y2: ({ depth }: Placed) => depth + 1,
        inset: 0.5,
        fill: ({ name, depth }: Placed) =>
          mix(color(depth % 2 ? "blue" : "orange"), color("panel"), 0.25 + 0.25 * spread(name)),
        title: ({ name, value }: Placed) =>
          `${name}: ${rounded(value)} ${unit}, ${((100 * value) / root.value).toFixed(1)} %`,
      }),
      Plot.text(frames, {
        x: "start",
        y: ({ depth }: Placed) => depth + 0.5,
        text: fit,
        textAnchor: "start",
        dx: 4,
        fontSize: 11,
        fill: color("ink"),
        pointerEvents: "none",
      }),
    ],
  });
}

/** Frames beside each other in the order given; where their sum exceeds the frame that holds them, by rounding, they shrink. */
function place(frame: FlameFrame, start: number, depth: number): Placed[] {
  const inside = frame.children.reduce((sum, { value }) => sum + value, 0);
  const scale = inside > frame.value && inside > 0 ? frame.value / inside : 1;
  const placed: Placed[] = [{ name: frame.name, value: frame.value, start, depth }];
  let at = start;
  for (const child of frame.children) {
    const value = child.value * scale;
    for (const one of place({ ...child, value }, at, depth + 1)) placed.push(one);
    at += value;
  }
  return placed;
}

/** From 0 to 1: the same shade for the same name. */
function spread(name: string): number {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return hash / 996;
}
