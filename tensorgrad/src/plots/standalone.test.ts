import { describe, expect, it } from "vitest";
import { color, lineChart, mix, standalone } from "./index.ts";

const chart = lineChart(
  [
    {
      name: "loss",
      points: [
        [0, 1],
        [1, 0.5],
        [2, 0.2],
      ],
    },
  ],
  { title: "Loss", x: "epoch", y: "nats" },
);

describe("standalone", () => {
  it("leaves no variable, no mixture and no colour of a page", () => {
    const svg = standalone(chart);
    expect(chart).toContain("var(--ink");
    expect(svg).not.toMatch(/var\(|color-mix|currentColor/);
    expect(svg).toContain('fill="#fdfcf9"></rect>');
    expect(standalone(svg)).toBe(svg); // a second time changes nothing
  });

  it("mixes as CSS does: the ends are the colours themselves, black and white meet at #636363", () => {
    const of = (value: string) =>
      /fill="([^"]*)"\/>/.exec(standalone(`<svg><g fill="${value}"/></svg>`))?.[1];
    expect(of(mix(color("blue"), color("line"), 1))).toBe("#0b66a8");
    expect(of(mix(color("blue"), color("line"), 0))).toBe("#dcd9d1");
    expect(of(mix("#ffffff", "#000000", 0.5))).toBe("#636363");
  });

  it("refuses what is no drawing", () => {
    expect(() => standalone("words")).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: standalone: svg "words" — expected the text of an SVG]`,
    );
  });
});
