import { drawing } from "../lib/elements.ts";
import { shown } from "../lib/numbers.ts";
import type { Frame } from "./work.ts";

const ROW = 24;
const LETTER = 7;
/** Frames narrower than this are left out; the table has their times. */
const NARROWEST = 0.5;

interface Placed {
  readonly frame: Frame;
  readonly start: number;
  readonly depth: number;
}

/** The whole on top; what it consists of below, as wide as its time. */
export function flame(root: Frame, width: number): SVGSVGElement {
  const pixels = (ms: number): number => (ms / root.ms) * width;
  const frames = placed(root, 0, 0).filter(({ frame }) => pixels(frame.ms) >= NARROWEST);
  const height = ROW * (1 + Math.max(...frames.map(({ depth }) => depth)));
  const share = (ms: number): string => `${((100 * ms) / root.ms).toFixed(1)} %`;
  const one = ({ frame: { name, ms }, start, depth }: Placed): SVGElement => {
    const [x, y, room] = [pixels(start), depth * ROW, pixels(ms)];
    const letters = Math.floor((room - 8) / LETTER);
    const text = name.length <= letters ? name : letters >= 4 ? `${name.slice(0, letters - 1)}…` : "";
    return drawing(
      "g",
      { class: `frame depth${depth % 2}` },
      drawing("title", {}, `${name}: ${shown(ms, 3)} ms, ${share(ms)}`),
      drawing("rect", { x, y, width: Math.max(room - 1, NARROWEST), height: ROW - 1, rx: 2 }),
      text ? drawing("text", { x: x + 5, y: y + 16 }, text) : null,
    );
  };
  const longest = placed(root, 0, 0)
    .filter(({ frame }) => frame.children.length === 0)
    .sort((a, b) => b.frame.ms - a.frame.ms)
    .slice(0, 3)
    .map(({ frame }) => `${frame.name} ${share(frame.ms)}`);
  return drawing(
    "svg",
    {
      ...{ width, height, viewBox: `0 0 ${width} ${height}`, role: "img", class: "flame" },
      "aria-label": `Where ${shown(root.ms, 3)} ms go. The longest: ${longest.join(", ")}.`,
    },
    ...frames.map(one),
  );
}

/** Children side by side. Where rounding makes them longer than their parent, they are squeezed into it. */
function placed(frame: Frame, start: number, depth: number): Placed[] {
  const inside = frame.children.reduce((sum, { ms }) => sum + ms, 0);
  const squeeze = inside > frame.ms ? frame.ms / inside : 1;
  let at = start;
  const below = frame.children.flatMap((child) => {
    const list = placed({ ...child, ms: child.ms * squeeze }, at, depth + 1);
    at += child.ms * squeeze;
    return list;
  });
  return [{ frame, start, depth }, ...below];
}
