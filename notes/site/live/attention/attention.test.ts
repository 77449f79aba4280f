import fc from "fast-check";
import { tensor } from "tensorgrad";
import { softmax } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { chancesOf, guesses } from "./chances.ts";
import { agreement, type Cost } from "./costs.ts";
import { openWriter } from "./files.fixture.ts";

describe("chancesOf", () => {
  const scores = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 12 });

  it("is softmax of the scores over the temperature, where all are taken", () => {
    fc.assert(
      fc.property(scores, fc.double({ min: 0.1, max: 2, noNaN: true }), (list, temperature) => {
        const due = softmax(tensor(list, { dtype: "float64" }).div(temperature), -1).data;
        for (const [i, p] of chancesOf(list, { temperature, topK: null }).entries())
          expect(p).toBeCloseTo(due[i], 10);
      }),
    );
  });

  it("keeps k, and of temperature 0 one", () => {
    expect([...chancesOf([1, 3, 2], { temperature: 0, topK: null })]).toEqual([0, 1, 0]);
    const [a, b, c] = chancesOf([Math.log(1), Math.log(3), Math.log(2)], { temperature: 1, topK: 2 });
    expect(a).toBe(0);
    expect([b, c]).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.4, 12)]);
  });

  it("gives chances from which generate draws: the share of its draws comes near", () => {
    const writer = openWriter();
    const prompt = "ROMEO:\nI ";
    const { scores: all, seen } = writer.read(prompt);
    const { alphabet } = writer.facts;
    const sampling = { temperature: 1.3, topK: 4 };
    const chances = chancesOf(all.subarray((seen.length - 1) * alphabet.length), sampling);
    const drawn = new Float64Array(alphabet.length);
    const draws = 200;
    for (let seed = 0; seed < draws; seed++) {
      writer.begin({ prompt, ...sampling, length: 1, seed, cache: true });
      drawn[alphabet.indexOf(writer.more(60_000).text)] += 1 / draws;
    }
    for (const [id, p] of chances.entries()) {
      expect(Math.abs(drawn[id] - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / draws) + 1e-12);
      if (p === 0) expect(drawn[id]).toBe(0);
    }
  });
});

describe("guesses", () => {
  it("are the likeliest of the model, and the first of the counts among them", () => {
    const list = guesses(Float64Array.of(0.5, 0.3, 0.2, 0, 0), Float64Array.of(0.1, 0, 0, 0.9, 0), {
      most: 3,
      fromCounts: 1,
    });
    expect(list.map(({ id }) => id)).toEqual([0, 1, 2]);
    const more = guesses(Float64Array.of(0.5, 0.3, 0.2, 0, 0), Float64Array.of(0.1, 0, 0, 0.9, 0), {
      most: 5,
    });
    expect(more.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
  });
});

describe("the page's writer", () => {
  const writer = openWriter();

  it("weighs only characters that stand before, unless the mask is lifted; rows sum to 1", () => {
    const text = "JULIET:\nO Romeo";
    const n = text.length;
    for (const lifted of [false, true]) {
      const { weights } = writer.read(text, { lifted });
      expect([weights.length, weights[0].length]).toEqual([4, 4]);
      const after = weights
        .flat()
        .map((map) => map.filter((_, i) => i % n > Math.floor(i / n)).some((w) => w > 0));
      expect(after.every((some) => some === lifted)).toBe(true);
      for (const map of weights.flat())
        for (let row = 0; row < n; row++)
          expect(map.subarray(row * n, (row + 1) * n).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
    expect(writer.read(text).moved).toBe(0);
  });

  it("sees the end of a long text", () => {
    const { seen } = writer.read("ab".repeat(200));
    expect(seen).toBe("ab".repeat(64));
  });

  it("writes the same with a cache and without, and keeps bytes with it alone", () => {
    const wish = { prompt: "To be", length: 30, temperature: 0.8, topK: 10, seed: 2 };
    const written = [true, false].map((cache) => {
      writer.begin({ ...wish, cache });
      const piece = writer.more(60_000);
      expect([piece.done, piece.times.length]).toEqual([true, 30]);
      return piece;
    });
    expect(written[0].text).toBe(written[1].text);
    expect(written[1].bytes).toEqual({ used: 0, room: 0 });
    expect(written[0].bytes.room).toBe(2 * 4 * 128 * 128 * 4); // keys and values, layers, positions, numbers of 4 bytes
    expect(written[0].bytes.used / written[0].bytes.room).toBeCloseTo((5 + 29) / 128, 12); // the last is not read
  });
});

describe("agreement", () => {
  const cost = (text: string): Cost => ({ text, times: [], bytes: { used: 0, room: 0 }, isWhole: true });

  it("is said once both are there", () => {
    expect(agreement({ on: cost("a"), off: null }, 4)).toBeNull();
    expect(agreement({ on: cost("ab"), off: cost("ab") }, 4)).toBe("Both ways wrote the same text.");
    expect(agreement({ on: cost("ab"), off: cost("ac") }, 4)).toMatch(
      /^The texts differ from character 2 on: the sums/,
    );
    expect(agreement({ on: cost("aaaaab"), off: cost("aaaaac") }, 4)).toMatch(
      /Beyond 4 characters the window slides/,
    );
  });
});
