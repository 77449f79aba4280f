import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { color, lineChart, mix } from "tensorgrad/plots";
import { describe, expect, it } from "vitest";
import { png, savePicture, standalone } from "./picture.ts";

const chart = lineChart(
  [
    {
      name: "loss",
      points: [
        [0, 1],
        [1, 0.5],
      ],
    },
  ],
  { title: "Loss", x: "step", y: "nats" },
);

describe("standalone", () => {
  it("leaves no CSS that only browsers know", () => {
    expect(standalone(chart)).not.toMatch(/var\(|color-mix/);
  });

  it("mixes as a browser does, also mixtures of mixtures", () => {
    expect(standalone(`fill="${mix("#ffffff", "#000000", 0)}"`)).toBe('fill="#000000"');
    expect(standalone(`fill="${mix("#ffffff", "#000000", 0.5)}"`)).toBe('fill="#636363"'); // Chromium: rgb(99, 99, 99)
    expect(standalone(mix(color("blue"), mix(color("line"), color("panel"), 0.35), 1))).toBe("#0b66a8");
  });
});

describe("png", () => {
  it("holds the drawing at twice its size, with its letters", () => {
    const bytes = png(chart);
    expect([...bytes.subarray(1, 4)].map((c) => String.fromCharCode(c)).join("")).toBe("PNG");
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([920, 600]);
    const mute = png(chart.replaceAll(/<text[^>]*>[^<]*<\/text>/g, ""));
    expect(bytes.length).toBeGreaterThan(mute.length * 1.2); // letters are drawn
  });
});

describe("savePicture", () => {
  it("writes both kinds, and nothing else stays behind", async () => {
    const folder = mkdtempSync(join(tmpdir(), "picture-"));
    await savePicture(join(folder, "deep/loss"), chart);
    expect(readdirSync(join(folder, "deep")).sort()).toEqual(["loss.png", "loss.svg"]);
    expect(readFileSync(join(folder, "deep/loss.svg"), "utf8")).toBe(chart);
  });
});
