import { Window } from "happy-dom";
import {
  barChart,
  confusionMatrix,
  decisionBoundary,
  digitGrid,
  flameGraph,
  type LabelledPoint,
  lineChart,
  roofline,
} from "tensorgrad/plots";
import { describe, expect, it } from "vitest";

const xor: LabelledPoint[] = [
  { x: 0, y: 0, label: 0 },
  { x: 0, y: 1, label: 1 },
  { x: 1, y: 0, label: 1 },
  { x: 1, y: 1, label: 0 },
];
const axes = { title: "Loss", x: "step", y: "loss (nats)" };
const falling = [0, 1, 2, 3].map((step) => [step, 2 ** -step] as const);
const strip = Float32Array.of(0, 0.25, 0.5, 1);

const plots: Readonly<Record<string, () => string>> = {
  lineChart: () => lineChart([{ name: "train", points: falling }], axes),
  "lineChart, both axes logarithmic": () =>
    lineChart([{ name: "time", points: falling }], { ...axes, log: true, logX: true }),
  flameGraph: () =>
    flameGraph(
      { name: "all", value: 10, children: [{ name: "forward", value: 6, children: [] }] },
      { title: "Time", unit: "ms" },
    ),
  roofline: () =>
    roofline([{ name: "conv", intensity: 40, rate: 20, share: 0.4 }], {
      title: "Roof",
      gbPerSecond: 10,
      gflops: 50,
    }),
  barChart: () =>
    barChart(
      [
        { name: "a", value: 1 },
        { name: "b", value: 200, strong: true },
      ],
      { title: "Rate", x: "GFLOP/s", log: true },
    ),
  decisionBoundary: () => decisionBoundary((x, y) => (x + y) / 2, xor),
  confusionMatrix: () =>
    confusionMatrix(
      [
        [7, 1],
        [0, 1000],
      ],
      ["cat", "dog"],
    ),
  digitGrid: () => digitGrid([strip, strip], [3, 5], [3, 6], { size: 2 }),
};

describe.each(Object.entries(plots))("%s", (_name, plot) => {
  it("is one well-formed SVG that needs nothing from elsewhere", () => {
    const parsed = parse(plot());
    expect(parsed.documentElement.tagName).toBe("svg");
    expect(parsed.documentElement.getAttribute("aria-label")).not.toBe("");
    expect(plot().replaceAll('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /https?:|<script|NaN|undefined/,
    );
  });

  it("is the same text for the same input", () => {
    expect(plot()).toBe(plot());
  });
});

describe("lineChart", () => {
  it("names its axes and each line, except that dangerous text stays text", () => {
    const svg = lineChart(
      [
        { name: "<script>&", points: falling },
        { name: "b", points: falling },
      ],
      axes,
    );
    expect(texts(svg)).toEqual(expect.arrayContaining(["Loss", "step →", "↑ loss (nats)", "<script>&"]));
    expect(svg).not.toContain("<script>");
  });

  it("leaves out what a diverged run leaves behind", () => {
    const holes = [...falling, [4, Number.NaN] as const, [5, Number.POSITIVE_INFINITY] as const];
    expect(lineChart([{ name: "train", points: holes }], axes)).not.toMatch(/NaN|Infinity/);
  });

  it("draws zero and negative values of a logarithmic axis nowhere", () => {
    const svg = lineChart([{ name: "train", points: [...falling, [4, 0]] }], { ...axes, log: true });
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it("puts each name beside the end of its line, and none over another or over a line", () => {
    const ends = [0.5, 0.52, 0.9, 0.51];
    const series = ends.map((end, i) => ({
      name: `line ${i}`,
      points: [[0, 0] as const, [10, end] as const],
    }));
    const svg = lineChart(series, { ...axes, height: 300 });
    const places = ends.map((_, i) => placeOf(svg, `line ${i}`));
    const right = Math.max(...[...svg.matchAll(/d="M[\d.,]+L([\d.]+),/g)].map((match) => Number(match[1])));
    for (const { x } of places) expect(x).toBeGreaterThan(right);
    const heights = places.map(({ y }) => y).sort((a, b) => a - b);
    for (const [i, y] of heights.slice(1).entries()) expect(y - heights[i]!).toBeGreaterThanOrEqual(13.9);
    const order = (values: readonly number[]) =>
      values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
    expect(order(places.map(({ y }) => -y))).toEqual(order(ends)); // the highest line's name is on top
  });

  it("breaks a long name into rows, and keeps it inside the drawing", () => {
    const name = "a network with two hidden layers of 512 each";
    const svg = lineChart([{ name, points: falling }, { name: "b", points: falling }], axes); // biome-ignore format: a line
    expect(svg).toContain("<tspan");
    expect(placeOf(svg, "a network with two").x).toBeLessThan(460 - 100);
  });

  it("draws a value that holds until the next as a step", () => {
    const points = [[0, 1], [1, 0.5], [2, 0.5]] as const; // biome-ignore format: a table
    const path = (step: boolean) =>
      /aria-label="line"[^>]*><path d="([^"]*)"/.exec(lineChart([{ name: "lr", points, step }], axes))?.[1] ??
      "";
    const corners = (d: string) => d.split(/[ML]/).slice(1).length;
    expect(corners(path(true).replace(/[HV]/g, "L"))).toBeGreaterThan(corners(path(false)));
  });

  it("refuses to draw nothing", () => {
    expect(() => lineChart([{ name: "train", points: [] }], axes)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: lineChart "Loss": no finite point in 1 series]`,
    );
  });
});

describe("barChart", () => {
  it("has bars from zero, and dots on a logarithmic axis, which has no zero", () => {
    const bars = [{ name: "a", value: 1 }, { name: "b", value: 200 }]; // biome-ignore format: a line
    const plain = parse(barChart(bars, { title: "Rate", x: "GFLOP/s" }));
    expect(plain.querySelectorAll('g[aria-label="bar"] rect').length).toBe(2);
    const log = parse(barChart(bars, { title: "Rate", x: "GFLOP/s", log: true }));
    expect(log.querySelectorAll('g[aria-label="bar"] rect').length).toBe(0);
    expect(log.querySelectorAll('g[aria-label="dot"] circle').length).toBe(2);
  });

  it("refuses what a logarithmic axis cannot show", () => {
    expect(() =>
      barChart([{ name: "a", value: 0 }], { title: "Rate", x: "GFLOP/s", log: true }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: barChart "Rate": 0 of a on a logarithmic axis — it shows positive numbers only; leave out log: true]`,
    );
  });
});

describe("decisionBoundary", () => {
  it("draws the line where the prediction is ½", () => {
    const line = parse(plots.decisionBoundary!()).querySelector('g[aria-label="contour"] g[stroke] path');
    const numbers = (line?.getAttribute("d") ?? "").match(/-?[\d.]+/g)?.map(Number) ?? [];
    // x + y = 1 runs through the frame from corner to corner: left 52, right 366, top 58, bottom 360 pixels.
    const distances = numbers
      .slice(0, -1)
      .map((_, i) => i)
      .filter((i) => i % 2 === 0)
      .map((i) => ({ x: (numbers[i]! - 52) / 314, y: (numbers[i + 1]! - 58) / 302 }))
      .filter(({ x, y }) => x > 0.1 && x < 0.9 && y > 0.1 && y < 0.9)
      .map(({ x, y }) => Math.abs(x - y));
    expect(distances.length).toBeGreaterThan(50);
    expect(Math.max(...distances)).toBeLessThan(1e-4);
  });

  it("marks both classes by shape as well as by colour", () => {
    const dots = parse(plots.decisionBoundary!()).querySelectorAll('g[aria-label="dot"]');
    const shapes = [...dots].map((group) => group.innerHTML.includes("<circle"));
    expect(new Set(shapes).size).toBe(2);
  });
});

describe("confusionMatrix", () => {
  it("shows every count but zero, and a single mistake in a thousand with colour", () => {
    expect(texts(plots.confusionMatrix!())).toEqual(expect.arrayContaining(["7", "1", "1000", "cat", "dog"]));
    const strengths = [
      ...plots.confusionMatrix!().matchAll(/<rect[^>]*fill="color-mix\(in oklab, [^)]*\) (\d+)%/g),
    ];
    expect(strengths.map((match) => Number(match[1]))).toMatchInlineSnapshot(`
      [
        83,
        14,
        0,
        95,
      ]
    `);
  });
});

describe("digitGrid", () => {
  it("names the truth beside a wrong prediction and frames it", () => {
    expect(texts(plots.digitGrid!())).toEqual(expect.arrayContaining(["3", "6, is 5"]));
    expect(parse(plots.digitGrid!()).querySelectorAll('g[aria-label="rect"] > rect')).toHaveLength(1);
  });

  it("holds each image inline", () => {
    const images = [...parse(plots.digitGrid!()).querySelectorAll("image")];
    expect(images.map((image) => image.getAttribute("href")?.slice(0, 22))).toEqual(
      Array(2).fill("data:image/png;base64,"),
    );
  });
});

function parse(svg: string) {
  return new new Window().DOMParser().parseFromString(svg, "image/svg+xml");
}

function texts(svg: string): string[] {
  return [...parse(svg).querySelectorAll("text")].map((text) => text.textContent ?? "");
}

/** Where a text stands: its own place in the drawing, without that of its rows. */
function placeOf(svg: string, text: string): { x: number; y: number } {
  const found = [...parse(svg).querySelectorAll("text")].find((one) => one.textContent?.startsWith(text));
  const [, x, y] = /translate\(([\d.]+),([\d.]+)\)/.exec(found?.getAttribute("transform") ?? "") ?? [];
  const own = found?.closest("g[transform]")?.getAttribute("transform") ?? "";
  const [, dx = "0", dy = "0"] = /translate\(([-\d.]+),([-\d.]+)\)/.exec(own) ?? [];
  return { x: Number(x) + Number(dx), y: Number(y) + Number(dy) };
}
