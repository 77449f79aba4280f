import fc from "fast-check";
import { Function, type Gradient, type Tensor, tensor } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { tensors } from "../table/inputs/arbitraries.ts";
import { anywhere, awayFrom, between, positive } from "../table/inputs/domains.ts";
import type { Example } from "./evaluate.ts";
import { checkExamples, checkGradients } from "./gradients.ts";

const matrix = tensors({ shape: [2, 3] });

describe("checkGradients", () => {
  it("refuses calls that would compare nothing, and so pass for any gradient", () => {
    const check = (fn: unknown, inputs: unknown, options?: object) => () =>
      checkGradients(fn as () => Tensor, inputs as [], options);
    const tanh = (x: Tensor) => x.tanh();
    expect(check(3, [tensors()])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: checkGradients: 3 in place of a function of tensors, or of { value, gradient }]`,
    );
    expect(check(tanh, [tensor([1])])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: checkGradients: inputs are a list of arbitraries, one for each argument: [tensors({ shape: [3, 4] }), tensors()]]`,
    );
    expect(check(tanh, [])).toThrow("inputs are a list of arbitraries");
    expect(check(tanh, [tensors()], { runs: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: checkGradients: runs = 0 — an integer from 1 to 1000000000]`,
    );
    expect(check(tanh, [tensors()], { directions: Number.NaN })).toThrow("directions = NaN");
    expect(check(tanh, [tensors()], { order: 3 })).toThrow("order = 3 — an integer from 0 to 2");
  });

  it("says where there is no gradient to check", () => {
    const inputs = [tensors({ shape: [1] })];
    expect(() => checkGradients(() => 3 as never, inputs)).toThrow("the function returned 3");
    expect(() => checkGradients((x) => x.log(), inputs)).toThrowErrorMatchingInlineSnapshot(`
      [GradientError: checkGradients, gradient of input 0 [1]: RangeError: the result holds -Infinity — draw inputs from where the function is defined: tensors({ domain: positive }), awayFrom(0) (law: no error); replay with seed 1, path "0:1:0:0"
        input 0 = float64 [1] [0]]
    `);
  });

  it("passes what is right, sharply", () => {
    const inputs = [tensors({ shape: [3, 4] }), tensors({ shape: [4, 2] })];
    const result = checkGradients((x, w) => x.matmul(w).tanh(), inputs, { runs: 20 });
    expect(result).toMatchObject({ examples: 20, directions: 20 * 4 * 2, kinks: 0, failure: null });
    expect(result.worst).toBeLessThan(1e-9);
  });

  it("takes any number of inputs of any shape, empty ones and scalars too", () => {
    checkGradients((x) => x.sin(), [tensors()], { runs: 30 });
    checkGradients((x) => x.sum(), [tensors({ shape: [0, 3] })], { runs: 3 });
  });

  it("gives the smallest failing input, the wrong entries, and how to replay", () => {
    expect(() =>
      checkGradients((x) => new WrongCube(3.001).apply(x), [matrix], { name: "cube", inputNames: ["x"] }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [GradientError: cube, gradient of x [2, 3]: backward gives -3.207 along v, finite differences give -3.206 (allowed 3e-12); replay with seed 1, path "0:0:0:0:0:0:0:0:0:0:0:0:0"
        probably a factor: 1.00033 times the slope
        ∂y[0, 0]/∂x[0, 0]: backward 3.001, finite differences 3.000
        ∂y[0, 1]/∂x[0, 1]: backward 3.001, finite differences 3.000
        ∂y[0, 2]/∂x[0, 2]: backward 3.001, finite differences 3.000
        ∂y[1, 0]/∂x[1, 0]: backward 3.001, finite differences 3.000
        and 2 more entries
        x = float64 [2, 3] [[1,1,1],[1,1,1]]]
    `);
  });

  it("names the input whose gradient is wrong, and only that one", () => {
    const scale = (x: Tensor, w: Tensor) => new WrongProduct().apply(x, w);
    const inputs = [tensors({ shape: [2], domain: positive }), tensors({ shape: [2], domain: positive })];
    expect(() =>
      checkGradients(scale, inputs, { name: "scale", inputNames: ["x", "w"] }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [GradientError: scale, gradient of w [2]: backward gives -0.8007 along v, finite differences give -1.124 (allowed 6e-13); replay with seed 1, path "0:0:0:0:0:0:0:0:0:0:0:0"
        probably a sum is missing: some outputs that the input reaches are not counted (broadcast dims, or a term of every other element)
        ∂y[1]/∂w[1]: backward 0.000, finite differences 1.000
        x = float64 [2] [1,1]
        w = float64 [2] [1,1]]
    `);
  });

  it("replays a failure from its seed and path", () => {
    const examples = matrix.map((x): Example => ({ inputs: [x], run: (x) => new WrongCube(2.9).apply(x) }));
    const { failure } = checkExamples(examples, { name: "cube", seed: 77 });
    const again = checkExamples(examples, { name: "cube", seed: 77, path: failure?.path ?? "" });
    expect(again.failure?.message).toBe(failure?.message);
    expect(failure?.message).toContain("replay with seed 77");
  });

  it("tells a wrong gradient of a gradient from a wrong gradient", () => {
    const fn = (x: Tensor) => new OnceOnly().apply(x);
    expect(() => checkGradients(fn, [matrix], { order: 1, runs: 20 })).not.toThrow();
    expect(() =>
      checkGradients(fn, [tensors({ shape: [1] })], { name: "square" }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [GradientError: square, gradient of the gradient of input 0 [1]: backward through backward gives -0.9199 along v, finite differences give -0.2995 (allowed 4e-13); replay with seed 1, path "0:0:0:0"
        probably a second derivative that is cut off: the rule computes with .data, detach() or a tensor of its own making, and not with what was given; or an operation in the rule has a wrong gradient itself
        input 0 = float64 [1] [1]]
    `);
  });

  it("reports a law that is broken by name", () => {
    const overwritten = (x: Tensor) => x.mul(new Overwrite().apply(x));
    expect(() =>
      checkGradients(overwritten, [tensors({ shape: [1] })], { name: "f" }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [GradientError: f, gradient of input 0 [1]: backward gives -1.554 along v, finite differences give -1.036 (allowed 8e-13); replay with seed 1, path "0:0:0:0"
        probably a factor: 1.50000 times the slope
        ∂y[0]/∂(input 0)[0]: backward 3.000, finite differences 2.000
        input 0 = float64 [1] [1]]
    `);
  });

  it("reports what the function itself throws", () => {
    const crooked = (x: Tensor) => x.reshape([5]);
    expect(() => checkGradients(crooked, [matrix], { name: "crooked" })).toThrowErrorMatchingInlineSnapshot(`
      [GradientError: crooked, gradient of input 0 [2, 3]: ShapeError: reshape: [2, 3] to [5] — 6 elements must stay 6, and at most one size may be -1 (law: no error); replay with seed 1, path "0:0:0:0:0:0:0:0:0:0:0:0:0"
        input 0 = float64 [2, 3] [[1,1,1],[1,1,1]]]
    `);
  });

  it("refuses to pass a function that it could hardly compare anywhere", () => {
    const kinked = (x: Tensor) => x.mul(1e9).sin().abs();
    expect(() => checkGradients(kinked, [matrix], { name: "kinked" })).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: checkGradients(kinked): of 800 directions 800 met a kink or the edge of the domain and 0 were too noisy to tell one millionth — nine in ten must be comparable; draw inputs where the function is smooth: tensors({ domain: positive }), awayFrom(0), distinct]`,
    );
    const noisy = (x: Tensor) => x.add(1e12).sub(1e12);
    expect(() => checkGradients(noisy, [matrix], { name: "noisy" })).toThrowErrorMatchingInlineSnapshot(
      `
      [GradientError: noisy, gradient of input 0 [2, 3]: backward gives -1.119 along v, finite differences give -1.115 (allowed 0.001); replay with seed 1, path "95:0:0:0:0:0:0:0:0:0:0:0"
        input 0 = float64 [2, 3] [[1,1,1],[1,1,1]]]
    `,
    );
  });

  it("passes a slope between both sides of a kink that no signature told of, and no other", () => {
    class Bent extends Function {
      readonly #slopes: readonly [positive: number, zero: number];
      #x!: Tensor;
      constructor(...slopes: readonly [positive: number, zero: number]) {
        super();
        this.#slopes = slopes;
      }
      forward(x: Tensor) {
        this.#x = x;
        return x.maximum(0);
      }
      backward(g: Tensor): Gradient[] {
        const [x, [positive, zero]] = [this.#x, this.#slopes];
        return [x.gt(0).where(g.mul(positive), x.eq(0).where(g.mul(zero), 0))];
      }
    }
    const numbers = fc.oneof(fc.constant(0), fc.double({ min: 1, max: 3, noNaN: true }));
    const law = (seed: number, positive: number, zero: number) => {
      const run = (x: Tensor) => new Bent(positive, zero).apply(x);
      const examples = numbers.map((n): Example => ({ inputs: [tensor([n], { dtype: "float64" })], run }));
      return checkExamples(examples, { order: 1, runs: 30, seed, shrink: false }).failure?.finding.law;
    };
    fc.assert(
      fc.property(fc.nat(999), fc.integer({ min: 0, max: 64 }), (seed, n) => {
        const zero = n / 64; // exact, and so are twice its products
        expect(law(seed, 1, zero)).toBe(undefined);
        expect(law(seed, 1, 1.01 + zero)).toBe("differences");
        expect(law(seed, 1.001, zero)).toBe("differences");
      }),
      { numRuns: 5 },
    );
  });

  it("steps around kinks", () => {
    const net = (x: Tensor, w: Tensor) => x.matmul(w).relu().matmul(w).relu();
    const w = tensors({ shape: [3, 3], domain: awayFrom(0, 1 / 64) });
    expect(
      checkGradients(net, [tensors({ shape: [2, 3], domain: awayFrom(0, 1 / 64) }), w], { runs: 50 }).failure,
    ).toBeNull();
  });

  it("is the same on every run, and different for another seed", () => {
    const drawn = (seed: number) => {
      const seen: number[] = [];
      const spy = (x: Tensor) => {
        if (x.isLeaf) seen.push(x.data[0]);
        return x.exp();
      };
      checkGradients(spy, [matrix], { runs: 3, seed });
      return seen;
    };
    expect(drawn(5)).toEqual(drawn(5));
    expect(drawn(5)).not.toEqual(drawn(6));
  });

  it("catches a factor of 1 + 1e-8 on 20 of 20 seeds", () => {
    const examples = tensors({ shape: [4], domain: between(-2, 2) }).map(
      (x): Example => ({ inputs: [x], run: (x) => new WrongCube(3 * (1 + 1e-8)).apply(x) }),
    );
    for (let seed = 0; seed < 20; seed++) {
      expect(checkExamples(examples, { seed, runs: 20, order: 1 }).failure).not.toBeNull();
    }
  });

  it("does not care which engine state the caller left: scopes, recording, default generator", () => {
    expect(fc.sample(tensors({ domain: anywhere }), { seed: 3, numRuns: 1 })[0].isLeaf).toBe(true);
  });
});

/** x³, with `factor` where its gradient has 3. */
class WrongCube extends Function {
  #x!: Tensor;
  readonly factor: number;
  constructor(factor: number) {
    super();
    this.factor = factor;
  }
  forward(x: Tensor): Tensor {
    this.#x = x;
    return x.mul(x).mul(x);
  }
  backward(g: Tensor): Gradient[] {
    return [g.mul(this.#x.square()).mul(this.factor)];
  }
}

/** x·w, whose second gradient forgets its last element. */
class WrongProduct extends Function {
  #x!: Tensor;
  #w!: Tensor;
  forward(x: Tensor, w: Tensor): Tensor {
    [this.#x, this.#w] = [x, w];
    return x.mul(w);
  }
  backward(g: Tensor): Gradient[] {
    const mask = g.newFrom([1, 0], [2]);
    return [g.mul(this.#w), g.mul(this.#x).mul(mask)];
  }
}

/** x², whose gradient is right but computed from a constant copy of x. */
class OnceOnly extends Function {
  #x!: Tensor;
  forward(x: Tensor): Tensor {
    this.#x = x;
    return x.square();
  }
  backward(g: Tensor): Gradient[] {
    return [g.mul(this.#x.detach()).mul(2)];
  }
}

/** The identity, whose backward doubles the gradient in place: someone else's numbers. */
class Overwrite extends Function {
  forward(x: Tensor): Tensor {
    return x.clone();
  }
  backward(g: Tensor): Gradient[] {
    g.data.forEach((value, i) => {
      g.data[i] = 2 * value;
    });
    return [g];
  }
}
