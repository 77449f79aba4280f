import { Function, fromArray, Random, scope, type Tensor, tensor } from "tensorgrad";
import { isRecording } from "tensorgrad/runtime";
import { describe, expect, it } from "vitest";
import { mutants } from "../mutants/mutants.ts";
import { type Example, randomDirection } from "./evaluate.ts";
import { adjoint, changedInPlace, type Law, laws, noGradient } from "./laws.ts";

type Backward = (g: Tensor, x: Tensor) => Tensor;

/** 3·x with a backward of any kind. */
class Triple extends Function {
  readonly #backward: Backward;
  #x!: Tensor;
  constructor(backward: Backward) {
    super();
    this.#backward = backward;
  }
  forward(x: Tensor): Tensor {
    this.#x = x;
    return x.mul(3);
  }
  backward(g: Tensor): Tensor[] {
    return [this.#backward(g, this.#x)];
  }
}

/** x², whose rule looks at memory that it took from the input behind the engine's back. */
class Live extends Function {
  #x!: ArrayLike<number>;
  forward(x: Tensor): Tensor {
    this.#x = x.data;
    return x.square();
  }
  backward(g: Tensor): Tensor[] {
    return [g.mul(g.newFrom(this.#x, g.shape)).mul(2)];
  }
}

const given = [1, -2, 0.5, 4, 0.25, -1];
const x = fromArray(Float64Array.from(given), [2, 3]);
const right: Backward = (g) => g.mul(3);
const triple = (backward: Backward): Example => of((x) => new Triple(backward).apply(x));
const of = (run: Example["run"], inputs: readonly Tensor[] = [x]): Example => ({
  inputs,
  run,
  symmetries: "elementwise",
});

/** Weights that depend on the place: no reordering goes along with them. */
const places = tensor([1, 2, 3], { dtype: "float64" });
let calls = 0;

/** For each law a fault that breaks it. */
const faults: Readonly<Record<string, Example>> = {
  "shapes and types": triple((g) => g.mul(Number.NaN)),
  "inputs unchanged": triple((g) => {
    g.storage.view[g.offset] += 1;
    return right(g, g);
  }),
  "same bits twice": triple((g) => g.mul(3 + ++calls * 1e-15)),
  "zero in, zero out": triple((g) => g.mul(3).add(1e-300)),
  homogeneous: triple((g) => g.square().mul(3)),
  additive: triple((g) => g.abs().mul(3)), // doubling is kept
  accumulates: of((x) => {
    x.grad = null; // as if backward assigned
    return x.mul(3);
  }),
  "fan-out": triple(right), // with the fault in the engine that is planted below
  "aliased inputs": of((a, b) => (a === b ? a.mul(b.detach()) : a.mul(b)), [x, x.clone().detach()]),
  "recorded or not": triple((g) => g.mul(isRecording() ? 3.0001 : 3)),
  "layout-free": of((x) => fromArray(x.elements.slice(0, x.size), x.shape), [x.t()]),
  "gradient of a sum": triple(right),
  "gradient under a view": triple((g, x) => g.mul(x.offset > 0 ? 2 : 3)),
  "equivariant under permutation": triple((g) => g.mul(places)),
  "equivariant under broadcasting": triple((g) => g.mul(g.rank > 2 ? 2 : 3)),
};

const planted: Readonly<Record<string, string>> = {
  "fan-out": "backward: the last path wins where paths meet",
  "gradient of a sum": "backward: the last path wins where paths meet",
};

describe("the exact laws", () => {
  it("hold for 3·x", () => {
    expect(Object.keys(faults)).toEqual(Object.keys(laws));
    for (const law of Object.values(laws)) expect(verdict(law, triple(right))).toBeNull();
    expect(verdict(adjoint("jointly"), triple(right))).toBeNull();
  });

  it.each(Object.keys(faults))("%s: a fault is seen", (name) => {
    const remove = mutants.find((mutant) => mutant.name === planted[name])?.plant();
    try {
      expect(verdict(laws[name], faults[name])).toMatch(/ /);
    } finally {
      remove?.();
    }
    expect(planted[name] ? verdict(laws[name], faults[name]) : null).toBeNull();
  });

  it("that only some functions obey are broken by others", () => {
    expect(
      verdict(
        adjoint("jointly"),
        triple((g) => g.mul(2)),
      ),
    ).toMatch(/^⟨f\(x\), v⟩ is /);
    expect(verdict(noGradient, triple(right))).toMatch("requires a gradient");
  });

  it("know what an operation saved: it is refused once changed, and nothing else", () => {
    expect(verdict(changedInPlace("jointly"), triple(right))).toBeNull();
    const squares = of((x) => x.square());
    expect(verdict(changedInPlace(), squares)).toBeNull();
    expect(verdict(changedInPlace("jointly"), squares)).toMatch(/is refused although no gradient depends/);
    expect(
      verdict(
        changedInPlace(),
        of((x) => new Live().apply(x)),
      ),
    ).toMatch(/changes the gradient of input 0 unnoticed/);
  });
});

describe("equivariance", () => {
  const wrong = (run: Example["run"], symmetries: Example["symmetries"], inputs = [x]) =>
    verdict(laws["equivariant under permutation"], { inputs, run, symmetries: symmetries ?? [] });

  it("is asked of results as well as of gradients", () => {
    expect(wrong((x) => x.mul(places), "elementwise")).toMatch(/do not give the result reordered/);
    expect(wrong((x) => new Triple((g) => g.mul(places)).apply(x), "elementwise")).toMatch(
      /do not give the gradient of input 0 reordered/,
    );
    const repeated = of((x) => (x.rank > 2 ? x.mul(2) : x));
    expect(verdict(laws["equivariant under broadcasting"], repeated)).toMatch(/does not repeat the result/);
  });

  it("knows sums, which no order changes, and rows, which go along", () => {
    expect(wrong((x) => x.sum(1), [{ inputs: [1], output: null }])).toBeNull();
    expect(wrong((x) => x.cumsum(1), [{ inputs: [0], output: 0 }])).toBeNull();
    expect(wrong((x) => x.cumsum(1), [{ inputs: [1], output: 1 }])).toMatch(/along dim 1/);
    expect(wrong((x) => x.mul(places).sum(1), [{ inputs: [1], output: null }])).toMatch(/along no dim/);
  });

  it("reorders several inputs together", () => {
    const together = [{ inputs: [1, 0], output: null }];
    const y = x.t().clone().detach();
    expect(wrong((a, b) => a.matmul(b), together, [x, y])).toBeNull();
    expect(wrong((a, b) => a.matmul(b), [{ inputs: [1, null], output: null }], [x, y])).not.toBeNull();
  });
});

function verdict(law: Law, example: Example): string | null {
  using _ = scope();
  const random = new Random(3);
  return law(example, randomDirection(example.run(...example.inputs).size, random), random);
}
