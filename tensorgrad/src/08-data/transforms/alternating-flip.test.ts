import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import type { Batch } from "../../07-training/index.ts";
import { DataLoader } from "../loading/loader.ts";
import { randomSplit } from "../loading/subset.ts";
import { ImageDataset } from "../sets/images.ts";
import { AlternatingFlip } from "./alternating-flip.ts";

/** Images of one row, whose first pixel is darker than the last; the label says which image it is. */
const images = (count: number, seed = 0): ImageDataset =>
  new ImageDataset(
    Uint8Array.from({ length: 2 * count }, (_, i) => i % 2),
    Uint8Array.from({ length: count }, (_, i) => i),
    { shape: [1, 1, 2], transform: new AlternatingFlip({ seed }) },
  );

/** For every image whether it came mirrored. */
function mirrored(loader: DataLoader, count: number): boolean[] {
  const seen = new Array<boolean>(count);
  for (const { x, y } of loader) {
    for (const [k, label] of y.data.entries()) seen[label] = x.data[2 * k] > x.data[2 * k + 1];
  }
  return seen;
}

describe("AlternatingFlip", () => {
  it("shows every image both ways in two passes, about half of them mirrored in each", () => {
    const loader = new DataLoader(images(200), { batchSize: 32, shuffle: true, random: new Random(5) });
    const [first, second, third] = [mirrored(loader, 200), mirrored(loader, 200), mirrored(loader, 200)];
    expect(second).toEqual(first.map((one) => !one));
    expect(third).toEqual(first);
    expect(Math.abs(first.filter(Boolean).length - 100)).toBeLessThan(24); // 3.3 deviations
    expect(mirrored(new DataLoader(images(200, 1), { batchSize: 200 }), 200)).not.toEqual(first);
  });

  it("goes on where it was after a resume, in any pass and batch", () => {
    const made = () => new DataLoader(images(12), { batchSize: 4, shuffle: true, random: new Random(1) });
    const text = ({ x, y }: Batch): string => `${x.data} ${y.data}`;
    const pass = (loader: DataLoader): string[] => Array.from(loader, text);
    fc.assert(
      fc.property(fc.nat(3), fc.integer({ min: 0, max: 2 }), (passes, batches) => {
        const [whole, stopped, resumed] = [made(), made(), made()];
        for (let i = 0; i < passes; i++) expect(pass(whole)).toEqual(pass(stopped));
        if (batches > 0) for (const _ of stopped) if (stopped.stateDict().batch === batches) break;
        resumed.random.state = stopped.random.state;
        resumed.loadStateDict(JSON.parse(JSON.stringify(stopped.stateDict())));
        expect(pass(resumed)).toEqual(pass(whole).slice(batches));
        expect(pass(resumed)).toEqual(pass(whole));
      }),
      { numRuns: 20 },
    );
  });

  it("knows images of a part by their numbers in the whole", () => {
    const [whole] = [mirrored(new DataLoader(images(40), { batchSize: 40 }), 40)];
    const [part] = randomSplit(images(40), [0.5, 0.5], { random: new Random(2) });
    const seen = mirrored(new DataLoader(part, { batchSize: 7 }), 40);
    for (const i of part.indices) expect(seen[i]).toBe(whole[i]);
  });

  it("refuses a seed that is none", () => {
    expect(() => new AlternatingFlip({ seed: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: AlternatingFlip: seed -1 — an integer from 0 to 2^32 - 1]`,
    );
  });
});
