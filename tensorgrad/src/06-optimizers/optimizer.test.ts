import { describe, expect, it } from "vitest";
import { heap, scope } from "../00-runtime/index.ts";
import { fromArray, ones, type Tensor, tensor } from "../01-tensor/index.ts";
import "tensorgrad";
import { Linear, Parameter } from "../03-layers/index.ts";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  NAdam,
  type OptimizerState,
  RAdam,
  RMSprop,
  SGD,
} from "./index.ts";

type Make = (params: Tensor[]) => SGD | Adam | RMSprop | Adagrad | NAdam | RAdam | Adamax | Adadelta;

const kinds: Record<string, Make> = {
  SGD: (params: Tensor[]) => new SGD(params, { lr: 0.1 }),
  "SGD with momentum": (params: Tensor[]) => new SGD(params, { lr: 0.1, momentum: 0.9, dampening: 0.1 }),
  Adam: (params: Tensor[]) => new Adam(params, { lr: 0.1 }),
  AdamW: (params: Tensor[]) => new AdamW(params, { lr: 0.1 }),
  "Adam with amsgrad": (params: Tensor[]) => new Adam(params, { lr: 0.1, amsgrad: true }),
  RMSprop: (params: Tensor[]) => new RMSprop(params, { lr: 0.01, momentum: 0.1, centered: true, alpha: 0.9 }),
  Adagrad: (params: Tensor[]) => new Adagrad(params, { lr: 0.5, lrDecay: 1e-3, initialAccumulator: 0.1 }),
  NAdam: (params: Tensor[]) => new NAdam(params, { lr: 0.1 }),
  RAdam: (params: Tensor[]) => new RAdam(params, { lr: 0.1 }),
  Adamax: (params: Tensor[]) => new Adamax(params, { lr: 0.1 }),
  Adadelta: (params: Tensor[]) => new Adadelta(params, { lr: 0.3, eps: 1e-2 }),
};

for (const [name, make] of Object.entries(kinds)) {
  describe(name, () => {
    it("finds the minimum of a bowl", () => {
      const p = leaf([3, -2]);
      const optimizer = make([p]);
      const target = tensor([1, 1]);
      for (let step = 0; step < 400; step++) {
        optimizer.zeroGrad();
        p.sub(target).square().sum().backward();
        optimizer.step();
      }
      for (const value of p.data) expect(value).toBeCloseTo(1, 2);
    });

    it("passes over parameters without a gradient: no step, no decay", () => {
      const [used, unused] = [leaf([1]), leaf([1])];
      const optimizer = make([used, unused]);
      used.square().sum().backward();
      optimizer.step();
      expect(used.item()).toBeLessThan(1);
      expect(unused.item()).toBe(1);
      expect(optimizer.stateDict().steps).toEqual([1, 0]);
    });

    it("starts a late parameter like any other, by steps of its own", () => {
      const [early, late, alone] = [leaf([1]), leaf([1]), leaf([1])];
      const [both, fresh] = [make([early, late]), make([alone])];
      early.sum().backward();
      for (let step = 0; step < 3; step++) both.step();
      const move = (optimizer: { step(): void }, p: Tensor) => {
        p.zeroGrad();
        p.mul(2).sum().backward();
        optimizer.step();
      };
      for (let step = 0; step < 3; step++) {
        move(both, late);
        move(fresh, alone);
        expect(late.item()).toBe(alone.item());
      }
    });

    it("resumes to the bit from a saved state", () => {
      for (const dtype of ["float32", "float64"] as const) {
        const through = run(make, dtype);
        through.steps(10);
        const first = run(make, dtype);
        first.steps(5);
        const second = run(make, dtype, first.model, copy(first.optimizer.stateDict()));
        first.steps(3); // what was saved stays as it was
        second.steps(5);
        expect(second.numbers()).toEqual(through.numbers());
      }
    });

    it("has all its memory from the start", () => {
      using _ = scope();
      const layer = new Linear(16, 16);
      const step = () => {
        using _ = scope();
        optimizer.zeroGrad();
        layer
          .forward(ones([4, 16]))
          .square()
          .sum()
          .backward();
        optimizer.step();
      };
      const optimizer = make(layer.parameters());
      step();
      const after = heap.live;
      for (let i = 0; i < 3; i++) step();
      expect(heap.live).toBe(after);
    });

    it("remembers as long as its parameters live, wherever it was made", () => {
      const p = leaf([1, 2]);
      const before = heap.live;
      const optimizer = (() => {
        using _ = scope();
        return make([p]);
      })();
      const names = Object.keys(optimizer.stateDict().tensors);
      expect(heap.live - before).toBe(names.length * 128); // a block each: 64 bytes of header, 64 of numbers
      p.sum().backward();
      expect(() => optimizer.step()).not.toThrow();
    });

    it("reads gradients of any strides", () => {
      const [p, q] = [leaf([1, 2, 3, 4]), leaf([1, 2, 3, 4])].map(
        (x) => new Parameter(x.detach().reshape(2, 2)),
      );
      p.grad = tensor([
        [1, 2],
        [3, 4],
      ]).t();
      q.grad = p.grad.contiguous();
      make([p, q]).step();
      expect(p.toArray()).toEqual(q.toArray());
    });
  });
}

describe("parameter groups", () => {
  it("share defaults and override some", () => {
    const [a, b] = [leaf([1]), leaf([1])];
    const optimizer = new SGD([{ params: [a] }, { params: [b], lr: 0.5 }], { lr: 0.1 });
    expect(optimizer.groups.map(({ settings: { lr } }) => lr)).toEqual([0.1, 0.5]);
    a.add(b).sum().backward();
    optimizer.step();
    expect([a.item(), b.item()]).toEqual([Math.fround(0.9), 0.5]);
  });

  it("can be changed between steps, one without the other", () => {
    const [a, b] = [leaf([1]), leaf([1])];
    const optimizer = new SGD([{ params: [a] }, { params: [b] }], { lr: 0.5 });
    optimizer.groups[0].settings.lr = 0.25;
    a.add(b).sum().backward();
    optimizer.step();
    expect([a.item(), b.item()]).toEqual([0.75, 0.5]);
  });

  it("leave decay to those that need it", () => {
    const [weight, bias] = [leaf([1]), leaf([1])];
    const optimizer = new AdamW(
      [
        { params: [weight], weightDecay: 0.5 },
        { params: [bias], weightDecay: 0 },
      ],
      { lr: 0.1 },
    );
    weight.mul(0).add(bias.mul(0)).sum().backward(); // gradients of 0: only decay moves
    optimizer.step();
    expect([weight.item(), bias.item()]).toEqual([Math.fround(0.95), 1]);
  });
});

describe("zeroGrad", () => {
  it("forgets the gradients of all groups", () => {
    const [a, b] = [leaf([1]), leaf([1])];
    a.mul(b).sum().backward();
    new SGD([{ params: [a] }, { params: [b] }]).zeroGrad();
    expect([a.grad, b.grad]).toEqual([null, null]);
  });
});

describe("stateDict", () => {
  it("has a tensor per parameter and memory, and the settings of each group", () => {
    const optimizer = new Adam([leaf([1]), leaf([1, 2])], { lr: 0.5 });
    const { groups, steps, tensors } = optimizer.stateDict();
    expect(groups).toEqual([{ lr: 0.5, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false }]);
    expect(steps).toEqual([0, 0]);
    expect(Object.keys(tensors)).toEqual(["0.m", "0.v", "1.m", "1.v"]);
    expect(tensors["1.v"].shape).toEqual([2]);
    expect(new SGD([leaf([1])]).stateDict().tensors).toEqual({});
  });

  it("carries changed settings along", () => {
    const [from, to] = [new SGD([leaf([1])], { lr: 0.1 }), new SGD([leaf([1])], { lr: 0.3 })];
    to.loadStateDict(from.stateDict());
    expect(to.groups[0].settings.lr).toBe(0.1);
  });

  it("of another optimizer or model is refused, and changes nothing", () => {
    const optimizer = new Adam([leaf([1, 2])], { lr: 0.5 });
    const refuse = (state: unknown) =>
      expect(() => optimizer.loadStateDict(state as ReturnType<typeof optimizer.stateDict>));
    refuse(new SGD([leaf([1, 2])], { momentum: 0.9 }).stateDict()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adam.loadStateDict: settings dampening, lr, momentum, nesterov, weightDecay, expected amsgrad, betas, eps, lr, weightDecay — the state of another optimizer]`,
    );
    const { tensors, ...rest } = new Adam([leaf([1, 2])]).stateDict();
    refuse({ ...rest, tensors: { "0.v": tensors["0.v"] } }).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Adam.loadStateDict: 0.m is nothing, expected [2] — the state of another optimizer or model]`,
    );
    refuse(new Adam([leaf([1, 2, 3])]).stateDict()).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Adam.loadStateDict: 0.m is [3], expected [2] — the state of another optimizer or model]`,
    );
    refuse(new Adam([leaf([1, 2]), leaf([1])]).stateDict()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adam.loadStateDict: 2 parameter(s) in 1 group(s), expected 1 parameter(s) in 1 group(s) — the state of another optimizer]`,
    );
    refuse(new Adam([{ params: [leaf([1, 2])] }, { params: [] }]).stateDict()).toThrow(
      "the state of another optimizer",
    );
    refuse({ ...optimizer.stateDict(), steps: [NaN] }).toThrow("moved NaN times");
    expect(optimizer.stateDict().groups[0].lr).toBe(0.5);
    expect(optimizer.stateDict().steps).toEqual([0]);
  });
});

function leaf(data: number[]): Tensor {
  return tensor(data, { requiresGrad: true });
}

/** A copy that later steps do not reach, as a checkpoint on disk would be. */
const copy = ({ groups, steps, tensors }: OptimizerState<unknown>): OptimizerState<unknown> => ({
  groups: structuredClone(groups),
  steps: [...steps],
  tensors: Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, t.clone()])),
});

/** Training of a small layer whose data depend on the number of steps taken, from a model and a state if given. */
function run(make: Make, dtype: "float32" | "float64", from?: Linear, state?: OptimizerState<unknown>) {
  const model = new Linear(2, 3).to(dtype);
  const draw = (shape: number[], phase: number) =>
    fromArray(
      Array.from({ length: shape[0] * (shape[1] ?? 1) }, (_, i) => Math.sin(phase + i)),
      shape,
      { dtype },
    );
  model.weight.assign(draw([3, 2], 1));
  model.bias?.assign(draw([3], 2));
  if (from) model.loadStateDict(from.stateDict());
  const optimizer = make(model.parameters());
  if (state) optimizer.loadStateDict(state as never);
  return {
    model,
    optimizer,
    steps(count: number) {
      for (let i = 0; i < count; i++) {
        optimizer.zeroGrad();
        const seen = optimizer.stateDict().steps[0];
        model
          .forward(draw([4, 2], seen))
          .tanh()
          .square()
          .sum()
          .backward();
        optimizer.step();
      }
    },
    numbers: () => model.parameters().map(({ data }) => [...data]),
  };
}
