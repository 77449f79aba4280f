import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { arange, ones, tensor } from "../../index.ts";

describe("slice backwards", () => {
  const x = arange(6);

  it("is a view that counts down, from the last to the first unless told", () => {
    expect(x.slice(0, undefined, undefined, -1).toArray()).toEqual([5, 4, 3, 2, 1, 0]);
    expect(x.slice(0, 4, 1, -1).toArray()).toEqual([4, 3, 2]);
    expect(x.slice(0, -2, undefined, -2).toArray()).toEqual([4, 2, 0]);
    expect(x.slice(0, undefined, undefined, -1).storage).toBe(x.storage);
    expect(x.slice(0, undefined, undefined, -1).strides).toEqual([-1]);
  });

  it("takes positions as Python does", () => {
    const position = fc.option(fc.integer({ min: -9, max: 9 }), { nil: undefined });
    const step = fc.integer({ min: -4, max: 4 }).filter((n) => n !== 0);
    fc.assert(
      fc.property(fc.nat(6), position, position, step, (n, start, end, step) => {
        expect(arange(n).slice(0, start, end, step).toArray()).toEqual(pythonSlice(n, start, end, step));
      }),
      { numRuns: 500 },
    );
  });

  it("of a slice backwards is one forwards again", () => {
    const back = x.slice(0, undefined, undefined, -2); // 5, 3, 1
    expect(back.slice(0, undefined, undefined, -1).toArray()).toEqual([1, 3, 5]);
    expect(back.slice(0, undefined, undefined, -1).strides).toEqual([2]);
  });

  it("can be written to", () => {
    const y = arange(6).to("float32");
    y.slice(0, 4, undefined, -2).assign([40, 20, 0]);
    expect(y.toArray()).toEqual([0, 1, 20, 3, 40, 5]);
  });

  it("serves products, reductions and reshapes, which count forwards", () => {
    const matrix = arange(6).to("float32").reshape(2, 3);
    const turned = matrix.slice(1, undefined, undefined, -1);
    expect(turned.matmul(ones([3, 1])).toArray()).toEqual([[3], [12]]);
    expect(turned.argmax(1).toArray()).toEqual([0, 0]);
    expect(turned.reshape(6).toArray()).toEqual([2, 1, 0, 5, 4, 3]);
    expect(
      matrix.slice(0, undefined, undefined, -1).slice(1, undefined, undefined, -1).reshape(6).toArray(),
    ).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it("sends gradients back to where elements came from", () => {
    const leaf = ones([4], { requiresGrad: true });
    const weighted = leaf.slice(0, -1, 0, -2).mul(tensor([10, 20]));
    expect(grad(weighted.sum(), [leaf])[0].toArray()).toEqual([0, 20, 0, 10]);
  });
});

/** CPython's slice.indices, and range. */
function pythonSlice(n: number, start: number | undefined, end: number | undefined, step: number): number[] {
  const [least, most] = step > 0 ? [0, n] : [-1, n - 1];
  const clip = (i: number) => (i < 0 ? Math.max(i + n, least) : Math.min(i, most));
  const [from, to] = [
    start === undefined ? (step > 0 ? least : most) : clip(start),
    end === undefined ? (step > 0 ? most : least) : clip(end),
  ];
  const taken: number[] = [];
  for (let i = from; step > 0 ? i < to : i > to; i += step) taken.push(i);
  return taken;
}
