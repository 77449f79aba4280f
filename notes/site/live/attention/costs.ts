import { element } from "../lib/elements.ts";
import { type Line, lines } from "../lib/lines.ts";
import { bytes, shown } from "../lib/numbers.ts";

/** What one writing cost. */
export interface Cost {
  readonly text: string;
  /** Milliseconds of each character. */
  readonly times: readonly number[];
  readonly bytes: { readonly used: number; readonly room: number };
  readonly isWhole: boolean;
}

export type Costs = { readonly on: Cost | null; readonly off: Cost | null };

const NAMES = { on: "with cache", off: "without" } as const;
const COLORS = { on: "blue", off: "orange" } as const;
const KEYS = ["on", "off"] as const;

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const middle = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;

export function costTable(costs: Costs): HTMLElement | string {
  const rows = KEYS.flatMap((key) => {
    const cost = costs[key];
    if (!cost || cost.times.length === 0) return [];
    const { times } = cost;
    const cells = [
      times.length,
      shown(sum(times), 3),
      shown(middle(times.slice(0, 10)), 2),
      shown(middle(times.slice(-10)), 2),
      cost.bytes.room === 0 ? "0 B" : `${bytes(cost.bytes.used)} of ${bytes(cost.bytes.room)}`,
    ];
    return [
      element(
        "tr",
        { "data-cache": key },
        element("th", { scope: "row", class: COLORS[key] }, NAMES[key]),
        ...cells.map((text) => element("td", { class: "number" }, text)),
      ),
    ];
  });
  if (rows.length === 0) return "";
  const head = ["cache", "characters", "ms in all", "ms each, first ten", "last ten", "kept in memory"];
  return element(
    "table",
    {},
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        ...head.map((text, i) => element("th", { scope: "col", class: i ? "number" : null }, text)),
      ),
    ),
    element("tbody", {}, ...rows),
  );
}

/** Whether both ways wrote the same; null where there are not both. */
export function agreement({ on, off }: Costs, window: number): string | null {
  if (!on?.isWhole || !off?.isWhole) return null;
  if (on.text === off.text) return "Both ways wrote the same text.";
  const place = [...on.text].findIndex((one, i) => one !== off.text[i]);
  const past = place >= window ? ` Beyond ${window} characters the window slides:` : "";
  return past === ""
    ? `The texts differ from character ${place + 1} on: the sums of a cache are added in another order, and two chances were nearly equal.`
    : `The texts differ from character ${place + 1} on.${past} kept keys have seen characters that a new reading no longer sees.`;
}

/** So many neighbours are drawn as one point, their middle: other programs take time now and then. */
const NEIGHBOURS = 9;

const smoothed = (times: readonly number[]): (readonly [number, number])[] =>
  times.map((_, i) => {
    const from = Math.max(0, Math.min(i - (NEIGHBOURS >> 1), times.length - NEIGHBOURS));
    return [i + 1, middle(times.slice(from, from + NEIGHBOURS))] as const;
  });

/** Nothing before the first writing. */
export function costCurve(costs: Costs, width: number): Node {
  const list: Line[] = KEYS.flatMap((key) => {
    const times = costs[key]?.times ?? [];
    return times.length > 1 ? [{ name: NAMES[key], color: COLORS[key], points: smoothed(times) }] : [];
  });
  if (list.length === 0) return document.createTextNode("");
  const words = list.map(({ name, points }) => `${name} ${shown(points[points.length - 1][1], 2)} ms`);
  const alt = `Milliseconds of each character, the middle of ${NEIGHBOURS} neighbours. At the end: ${words.join(", ")}.`;
  const most = Math.max(...list.flatMap(({ points }) => points.map(([, ms]) => ms)));
  return lines(list, { width, height: 200, x: "character", y: "ms", alt, names: 84, yRange: [0, most] });
}
