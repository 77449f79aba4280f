import fc from "fast-check";
import * as make from "tensorgrad";
import { cat, stack, type Tensor, tensor } from "tensorgrad";
import { describe, expect, it } from "vitest";

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
]);
const picks = tensor([0, 1], { dtype: "int32" });
const places = tensor([[0], [1], [2]], { dtype: "int32" });

/** Every place where a whole number is expected: a size, a position, a dim, a count. */
const asked: Readonly<Record<string, (n: number) => unknown>> = {
  "narrow: dim": (n) => x.narrow(n, 0, 1),
  "narrow: start": (n) => x.narrow(0, n, 1),
  "narrow: length": (n) => x.narrow(0, 0, n),
  "slice: dim": (n) => x.slice(n, 0, 2),
  "slice: start": (n) => x.slice(0, n, 2),
  "slice: end": (n) => x.slice(0, 0, n),
  "slice: step": (n) => x.slice(0, 0, 2, n),
  "select: dim": (n) => x.select(n, 0),
  "select: index": (n) => x.select(0, n),
  "split: size": (n) => x.split(n),
  "split: sizes": (n) => x.split([n, 3 - n]),
  "split: dim": (n) => x.split(1, n),
  "chunk: chunks": (n) => x.chunk(n),
  "chunk: dim": (n) => x.chunk(1, n),
  "flatten: start": (n) => x.flatten(n),
  "flatten: end": (n) => x.flatten(0, n),
  transpose: (n) => x.transpose(n, 1),
  permute: (n) => x.permute(n, 1),
  reshape: (n) => x.reshape(n, 9 / n),
  view: (n) => x.view(n, 9 / n),
  expand: (n) => x.unsqueeze(0).expand(n, 3, 3),
  squeeze: (n) => x.squeeze(n),
  unsqueeze: (n) => x.unsqueeze(n),
  flip: (n) => x.flip(n),
  pad: (n) => x.pad([n, 1]),
  repeat: (n) => x.repeat(n, 1),
  "tril: diagonal": (n) => x.tril(n),
  "triu: diagonal": (n) => x.triu(n),
  "sum: dim": (n) => x.sum(n),
  "prod: dim": (n) => x.prod(n),
  "mean: dims": (n) => x.mean([n]),
  "var: dim": (n) => x.var(n),
  "logSumExp: dim": (n) => x.logSumExp(n),
  "max: dim": (n) => x.max(n),
  "amax: dim": (n) => x.amax(n),
  "argmin: dim": (n) => x.argmin(n),
  "cumsum: dim": (n) => x.cumsum(n),
  "cumprod: dim": (n) => x.cumprod(n),
  "logcumsumexp: dim": (n) => x.logcumsumexp(n),
  "normalize: dim": (n) => x.normalize({ dim: n }),
  "diagonal: offset": (n) => x.diagonal({ offset: n }),
  "roll: shift": (n) => x.roll(n),
  "roll: dim": (n) => x.roll(1, n),
  movedim: (n) => x.movedim(n, 0),
  "repeatInterleave: repeats": (n) => x.repeatInterleave(n),
  "repeatInterleave: dim": (n) => x.repeatInterleave(2, n),
  index: (n) => x.index(n),
  "norm: dim": (n) => x.norm(n),
  "any: dim": (n) => x.any(n),
  "indexSelect: dim": (n) => x.indexSelect(n, picks),
  "indexAdd: dim": (n) => x.indexAdd(n, picks, x.narrow(0, 0, 2)),
  "gather: dim": (n) => x.gather(n, places),
  "scatterAdd: dim": (n) => x.scatterAdd(n, places, x),
  "sort: dim": (n) => x.sort(n),
  "topk: k": (n) => x.topk(n),
  "topk: dim": (n) => x.topk(1, n),
  "cat: dim": (n) => cat([x, x], n),
  "stack: dim": (n) => stack([x, x], n),
  zeros: (n) => make.zeros([n, 2]),
  "zeros: a number": (n) => make.zeros(n),
  ones: (n) => make.ones([2, n]),
  full: (n) => make.full([n], 1),
  eye: (n) => make.eye(n),
  rand: (n) => make.rand([n]),
  randn: (n) => make.randn([n]),
  randperm: (n) => make.randperm(n),
  "randint: low": (n) => make.randint(n, 5, [2]),
  "randint: shape": (n) => make.randint(0, 5, [n]),
  linspace: (n) => make.linspace(0, 1, n),
  fromArray: (n) => make.fromArray([1, 2, 3], [n, 3 / n]),
};

/** Numbers that are no integers, those that round to a valid one above all. */
const fractions = fc.oneof(
  fc.constantFrom(0.5, 1.5, -0.5, 1e-9, 2 - 1e-9, Number.NaN),
  fc.double({ min: -4, max: 4, noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n)),
);

describe("sizes, positions, dims and counts", () => {
  it.each(Object.entries(asked))("%s: a fraction and NaN are refused", (_, call) => {
    fc.assert(
      fc.property(fractions, (n) => {
        expect(thrownBy(() => call(n))).toMatch(/^(ShapeError|RangeError): /);
      }),
      { numRuns: 50 },
    );
  });

  it("say what was given, and the rule", () => {
    expect(thrownBy(() => x.narrow(0, 0.5, 1))).toMatchInlineSnapshot(
      `"RangeError: narrow: 1 from 0.5 along dim 0 of [3, 3] — both are integers"`,
    );
    expect(thrownBy(() => x.slice(0, 0.5, 2))).toMatchInlineSnapshot(
      `"RangeError: slice: from 0.5 to 2 along dim 0 of [3, 3] — positions are integers"`,
    );
  });

  it("take an open end", () => {
    const open = (end: number): Tensor => x.slice(0, 1, end);
    expect(open(Number.POSITIVE_INFINITY).shape).toEqual([2, 3]);
    expect(x.slice(0, Number.NEGATIVE_INFINITY).shape).toEqual([3, 3]);
  });
});

function thrownBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
}
