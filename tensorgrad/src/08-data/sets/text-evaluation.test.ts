import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataLoader } from "../loading/loader.ts";
import { EvaluationWindows } from "./text-evaluation.ts";

describe("EvaluationWindows", () => {
  it("asks for every token once; the token before the first is its context", () => {
    const windows = new EvaluationWindows([1, 2, 3, 4, 5], 3, { before: 9 });
    const { x, y } = windows.batch([0, 1]);
    expect(x.toArray()).toEqual([
      [9, 1, 2],
      [3, 4, 5],
    ]);
    expect(y.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, -100],
    ]);
    expect([windows.length, windows.count]).toEqual([2, 5]);
  });

  it("counts only the second half of overlapping windows, but all of the first", () => {
    const windows = new EvaluationWindows([0, 1, 2, 3, 4, 5, 6, 7], 4, { stride: 2 });
    const { x, y } = windows.batch([0, 1, 2]);
    expect(x.toArray()).toEqual([
      [0, 1, 2, 3],
      [2, 3, 4, 5],
      [4, 5, 6, 7],
    ]);
    expect(y.toArray()).toEqual([
      [1, 2, 3, 4],
      [-100, -100, 5, 6],
      [-100, -100, 7, -100],
    ]);
    expect(windows.get(1).y.toArray()).toEqual([-100, -100, 5, 6]);
  });

  it("asks for each token exactly once, in order, with its own past before it, for any sizes", () => {
    const sizes = fc.record({
      length: fc.integer({ min: 1, max: 60 }),
      blockSize: fc.integer({ min: 1, max: 12 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      withBefore: fc.boolean(),
    });
    fc.assert(
      fc.property(sizes, ({ length, blockSize, share, withBefore }) => {
        fc.pre(length > 1 || withBefore);
        const stride = 1 + Math.floor(share * (blockSize - 1));
        const tokens = Int32Array.from({ length }, (_, i) => i + 1);
        const options = withBefore ? { stride, before: 0 } : { stride };
        const windows = new EvaluationWindows(tokens, blockSize, options);
        const asked: number[] = [];
        for (const { x, y } of new DataLoader(windows, { batchSize: 3 })) {
          y.data.forEach((target, i) => {
            if (target < 0) return;
            expect(x.data[i]).toBe(target - 1);
            asked.push(target);
          });
        }
        expect(asked).toEqual(withBefore ? [...tokens] : [...tokens.subarray(1)]);
        expect(windows.count).toBe(asked.length);
      }),
    );
  });

  it("tells another thread how to make the same windows", () => {
    const windows = new EvaluationWindows([1, 2, 3, 4], 3, { stride: 2, before: 0 });
    const { export: name, arguments: given } = windows.recipe();
    const again = new EvaluationWindows(...(given as [number[], number, object]));
    expect(name).toBe("EvaluationWindows");
    expect(again.batch([0, 1]).y.toArray()).toEqual(windows.batch([0, 1]).y.toArray());
  });

  it("refuses a stride that leaves tokens out, and texts without a question", () => {
    expect(() => new EvaluationWindows([1, 2, 3], 2, { stride: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: EvaluationWindows: stride 3, blockSize 2 — a stride of at most blockSize leaves no token out]`,
    );
    expect(() => new EvaluationWindows([1], 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: EvaluationWindows: 1 tokens — the first token is context, so there is nothing to ask for; take more text, or pass { before }, the token before it]`,
    );
    expect(() => new EvaluationWindows([1, 2, 3], 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: EvaluationWindows: blockSize 0, stride 0 — both are integers ≥ 1]`,
    );
    expect(() => new EvaluationWindows([1, 0.5], 2, { before: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: EvaluationWindows: token 0.5 at position 1 — tokens are integers of 32 bits, such as a tokenizer gives]`,
    );
    expect(() => new EvaluationWindows([1, 2], 2, { before: 0.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: EvaluationWindows, before: token 0.5 at position 0 — tokens are integers of 32 bits, such as a tokenizer gives]`,
    );
  });
});
