import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { heap, manualSeed, Random, scope } from "../../00-runtime/index.ts";
import { rand, randint, randn, type Tensor, tensor, zeros } from "../../01-tensor/index.ts";
import { GELU, ReLU, Sigmoid, Tanh } from "../../02-activations/index.ts";
import { Dropout, Linear, type Module, Sequential } from "../../03-layers/index.ts";
import { crossEntropy } from "../../04-losses/index.ts";
import { checkpoint, noGrad } from "../../05-autograd/index.ts";
import { Adam, AdamW, clipGradNorm, clipGradValue, Muon, RMSprop, SGD } from "../../06-optimizers/index.ts";
import { BatchNorm1d } from "../../09-spatial/index.ts";
import { profile } from "../../15-profiling/index.ts";
import { capture } from "./capture.ts";

/** A model, how it learns, and a step: what is captured, or not. */
interface Program {
  readonly model: Module;
  readonly step: (x: Tensor, y: Tensor) => Tensor;
  readonly optimizer: { readonly groups: readonly { readonly settings: { lr: number } }[] };
}

interface Plan {
  readonly layers: readonly ("linear" | "relu" | "tanh" | "sigmoid" | "gelu" | "dropout" | "norm")[];
  readonly width: number;
  readonly optimizer: "sgd" | "momentum" | "adam" | "amsgrad" | "adamw" | "rmsprop" | "muon";
  readonly clip: "norm" | "value" | "none";
  readonly zero: "before" | "after" | "never";
  readonly checkpointed: boolean;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  layers: fc.array(fc.constantFrom("linear", "relu", "tanh", "sigmoid", "gelu", "dropout", "norm"), {
    minLength: 1,
    maxLength: 5,
  }),
  width: fc.integer({ min: 1, max: 9 }),
  optimizer: fc.constantFrom("sgd", "momentum", "adam", "amsgrad", "adamw", "rmsprop", "muon"),
  clip: fc.constantFrom("norm", "value", "none"),
  zero: fc.constantFrom("before", "after", "never"),
  checkpointed: fc.boolean(),
});

const layer = {
  linear: (n: number) => new Linear(n, n),
  relu: () => new ReLU(),
  tanh: () => new Tanh(),
  sigmoid: () => new Sigmoid(),
  gelu: () => new GELU(),
  dropout: () => new Dropout(0.3),
  norm: (n: number) => new BatchNorm1d(n),
};

const optimizers = {
  sgd: (p: Tensor[]) => new SGD(p, { lr: 0.1, weightDecay: 0.01 }),
  momentum: (p: Tensor[]) => new SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true }),
  adam: (p: Tensor[]) => new Adam(p, { lr: 0.01 }),
  amsgrad: (p: Tensor[]) => new Adam(p, { lr: 0.01, amsgrad: true }),
  adamw: (p: Tensor[]) => new AdamW(p, { lr: 0.01 }),
  rmsprop: (p: Tensor[]) => new RMSprop(p, { lr: 0.01 }),
  muon: (p: Tensor[]) =>
    new Muon(
      p.filter(({ rank }) => rank === 2),
      { lr: 0.01 },
    ),
};

function program({ layers, width, optimizer: name, clip, zero, checkpointed }: Plan): Program {
  manualSeed(7);
  const inner = new Sequential(...layers.map((kind) => layer[kind](width)));
  const model = new Sequential(new Linear(3, width), inner, new Linear(width, 2));
  const optimizer = optimizers[name](model.parameters());
  const [first, , last] = [...model.children()].map(([, part]) => part as Linear);
  const forward = (x: Tensor) =>
    checkpointed ? last.forward(checkpoint((h) => inner.forward(h), first.forward(x))) : model.forward(x);
  const step = (x: Tensor, y: Tensor) => {
    if (zero === "before") model.zeroGrad();
    const loss = crossEntropy(forward(x), y, { ignoreIndex: 9 });
    loss.backward();
    if (clip === "norm") clipGradNorm(model.parameters(), 0.5);
    if (clip === "value") clipGradValue(model.parameters(), 0.05);
    optimizer.step();
    if (zero === "after") model.zeroGrad();
    return loss;
  };
  return { model, step, optimizer };
}

interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** Everything that a run leaves: losses, parameters, buffers, gradients, and where the generator stands. */
function run({ model, step, optimizer }: Program, batches: readonly Batch[], wrap: typeof capture | null) {
  const call = wrap ? wrap(step) : step;
  manualSeed(3);
  const losses = batches.map(({ x, y }, i) => {
    using _ = scope();
    optimizer.groups[0].settings.lr = 0.1 / (i + 1);
    return bits(call(x, y));
  });
  const state = Object.entries(model.stateDict()).map(([name, t]) => [name, bits(t)]);
  const gradients = model.parameters().map(({ grad }) => grad && bits(grad));
  const draw = bits(rand([2]));
  return { losses, state, gradients, draw };
}

/** So that −0 and 0, and NaN and NaN, are told apart as bits are. */
const bits = (t: Tensor): string =>
  Buffer.from(new Uint8Array(t.contiguous().data.slice().buffer)).toString("hex");

const batch = (random: Random, n: number, ignored = false): Batch => {
  const y = randint(0, 2, [n], { random });
  if (ignored) y.assign(Array.from(y.data, (c, i) => (i === 0 ? 9 : c)));
  return { x: randn([n, 3], { random }), y };
};

describe("capture", () => {
  it("does bit for bit what the step does, whatever the program", () => {
    const sizes = fc.array(fc.record({ n: fc.constantFrom(2, 5), ignored: fc.boolean() }), {
      minLength: 6,
      maxLength: 12,
    });
    fc.assert(
      fc.property(plans, sizes, fc.nat(), (plan, list, seed) => {
        const random = new Random(seed);
        const batches = list.map(({ n, ignored }) => batch(random, n, ignored));
        const eager = run(program(plan), batches, null);
        expect(run(program(plan), batches, capture)).toEqual(eager);
      }),
      { numRuns: 40 },
    );
  });

  it("replays from the fourth call of a training step on, and allocates nothing there", () => {
    const { model, step } = program({
      layers: ["linear", "relu"],
      width: 4,
      optimizer: "adam",
      clip: "norm",
      zero: "before",
      checkpointed: false,
    });
    const random = new Random(1);
    const captured = capture(step);
    const { x, y } = batch(random, 5);
    for (let i = 0; i < 4; i++) captured(x, y);
    expect(captured.report()).toMatchObject({ recordings: 3, replays: 1 });
    const allocate = vi.spyOn(heap, "allocate");
    const [live, before] = [heap.live, bits(model.parameters()[0])];
    for (let i = 0; i < 5; i++) captured(x, y);
    expect(allocate).not.toHaveBeenCalled();
    allocate.mockRestore();
    expect(heap.live).toBe(live);
    expect(bits(model.parameters()[0])).not.toBe(before);
  });

  it("gives what a call without it gives: lists, objects, numbers, arguments", () => {
    const step = capture((x: Tensor, k: number) => noGrad(() => ({ same: x, list: [x.mul(k), x.t()], k })));
    const x = tensor([[1, 2]]);
    for (let i = 0; i < 4; i++) {
      const { same, list, k } = step(x, 3);
      expect(same).toBe(x);
      expect([...list.map((t) => t.toArray()), k]).toEqual([[[3, 6]], [[1], [2]], 3]);
    }
    expect(step.report()).toMatchObject({ recordings: 2, replays: 2 });
  });

  it("adds up gradients over several calls, as the step does", () => {
    const both = [null, capture].map((wrap) => {
      manualSeed(5);
      const model = new Linear(3, 2);
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      const step = (x: Tensor, y: Tensor) => crossEntropy(model.forward(x), y).div(3).backward();
      const call = wrap ? wrap(step) : step;
      const random = new Random(2);
      for (let i = 0; i < 12; i++) {
        using _ = scope();
        const { x, y } = batch(random, 4);
        call(x, y);
        if (i % 3 < 2) continue;
        optimizer.step();
        optimizer.zeroGrad();
      }
      return model.parameters().map(bits);
    });
    expect(both[1]).toEqual(both[0]);
  });

  it("fuses element-wise chains, to the same bits", () => {
    const step = (x: Tensor, b: Tensor) => {
      const h = x.add(b).mul(x).relu();
      return [h.sub(b).tanh().mul(0.5), h.exp().add(x), h.gt(x).where(h, x).square()];
    };
    const captured = capture(step);
    const random = new Random(1);
    for (const n of [200, 200, 200, 333, 333, 333]) {
      using _ = scope();
      const [x, b] = [randn([n, 257], { random }), randn([257], { random })];
      expect(captured(x, b).map(bits)).toEqual(step(x, b).map(bits));
    }
    const { plans } = captured.report();
    expect(plans.map(({ passes, kernels }) => [passes, kernels])).toEqual([
      [1, 11],
      [1, 11],
    ]);
  });

  it("refuses gradients that are not finite in a replay, too, before parameters move", () => {
    const model = new Linear(2, 1);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const step = capture((x: Tensor) => {
      model.zeroGrad();
      model.forward(x).mean().backward();
      clipGradNorm(model.parameters(), 1);
      optimizer.step();
    });
    for (let i = 0; i < 4; i++) step(tensor([[1, 2]]));
    const before = model.parameters().map(bits);
    expect(() => step(tensor([[NaN, 2]]))).toThrow("the gradient of parameter 0, [1, 2], is not finite");
    expect(model.parameters().map(bits)).toEqual(before);
    step(tensor([[1, 2]]));
    expect(step.report()).toMatchObject({ recordings: 3, replays: 2 });
  });

  it("is one operation to a profiler", () => {
    const step = capture((x: Tensor) => x.mul(2).add(1));
    const x = tensor([1, 2]);
    for (let i = 0; i < 3; i++) step(x);
    const { rows } = profile(() => step(x).toArray());
    expect(rows.map(({ operation }) => operation)).toEqual(["capturedStep"]);
  });

  it("lets a result go with its scope, and one that is kept be read until the next call", () => {
    const step = capture((x: Tensor) => x.mul(2));
    const x = tensor([1, 2]);
    for (let i = 0; i < 3; i++) step(x);
    const last = step(x);
    expect(last.toArray()).toEqual([2, 4]);
    step(tensor([3, 4]));
    expect(() => last.toArray()).toThrowErrorMatchingInlineSnapshot(
      `[DisposedError: capture: a result of an earlier call of the step — every call writes to the same memory; read it, or clone() it, before the step is called again]`,
    );
  });
});

describe("what no replay could know is recorded again", () => {
  const recordings = (change: (step: (x: Tensor) => Tensor, model: Sequential) => void) => {
    manualSeed(1);
    const model = new Sequential(new Linear(2, 2), new Dropout(0.5), new Linear(2, 1));
    const plain = (x: Tensor) => {
      model.zeroGrad();
      const loss = model.forward(x).mean();
      loss.backward();
      return loss;
    };
    const step = capture(plain);
    const x = tensor([[1, 2]]);
    for (let i = 0; i < 5; i++) step(x);
    const before = step.report().recordings;
    change(step, model);
    manualSeed(4);
    const expected = bits(plain(x));
    manualSeed(4);
    expect(bits(step(x))).toBe(expected);
    return step.report().recordings - before;
  };
  it("a shape", () => expect(recordings((step) => step(zeros([3, 2])))).toBe(1));
  it("a dtype", () => {
    const step = capture((x: Tensor) => x.add(x));
    for (const dtype of ["float32", "float32", "float32", "int32", "float32"] as const)
      expect(step(tensor([1, 2], { dtype })).dtype).toBe(dtype);
    expect(step.report()).toMatchObject({ recordings: 3, replays: 2 });
  });
  it("where elements lie", () => expect(recordings((step) => step(tensor([[1], [2]]).t()))).toBe(1));
  it("a mode", () => expect(recordings((_, model) => model.eval())).toBe(1));
  it("a parameter that learns no more", () =>
    expect(
      recordings((_, model) => {
        model.parameters()[0].requiresGrad = false;
      }),
    ).toBe(1));
  it("a layer that was replaced", () =>
    expect(
      recordings((_, model) => Object.assign(model.children()[0][1], { weight: new Linear(2, 2).weight })),
    ).toBe(1));
  it("a hook on a gradient", () =>
    expect(
      recordings((_, model) => {
        model.parameters()[0].registerHook((g) => g.mul(2));
      }),
    ).toBe(1));
  it("a setting of a layer", () =>
    expect(
      recordings((_, model) => {
        Object.assign(model.children()[1][1], { p: 0.25 });
      }),
    ).toBe(1));
  it("a generator is no reason", () => expect(recordings(() => {})).toBe(0));
});

describe("what cannot be captured says so, and where", () => {
  const complaint = (step: (x: Tensor) => unknown, calls = 1) => {
    const captured = capture(step);
    let message = "";
    for (let i = 0; i < calls; i++)
      try {
        captured(tensor([1, 2]));
      } catch (error) {
        message = String(error).replace(/at .*?:\d+:\d+\)?,/, "at <here>,");
      }
    return message;
  };
  it("item()", () =>
    expect(complaint((x) => x.mul(x.sum().item()))).toMatchInlineSnapshot(
      `"TypeError: capture: at <here>, item() of float32 [] takes numbers out of a tensor, and a replay calls kernels alone; return the tensor and read it after the step"`,
    ));
  it("data", () =>
    expect(complaint((x) => Math.max(...x.mul(2).data))).toMatchInlineSnapshot(
      `"TypeError: capture: at <here>, data of float32 [2] takes numbers out of a tensor, and a replay calls kernels alone; return the tensor and read it after the step"`,
    ));
  it("toArray()", () =>
    expect(complaint((x) => x.toArray())).toMatchInlineSnapshot(
      `"TypeError: capture: at <here>, toArray() of float32 [2] takes numbers out of a tensor, and a replay calls kernels alone; return the tensor and read it after the step"`,
    ));
  it("random numbers that JavaScript draws", () =>
    expect(complaint((x) => x.add(rand([2])))).toMatchInlineSnapshot(
      `"TypeError: capture: at <here>, JavaScript draws random numbers, and a replay would not; do it outside of the step and pass what comes of it"`,
    ));
  it("a generator that is seeded", () =>
    expect(complaint(() => manualSeed(1))).toMatchInlineSnapshot(
      `"TypeError: capture: at <here>, a generator is set to a seed or a state, and a replay would not; do it outside of the step and pass what comes of it"`,
    ));
  it("numbers that are written", () =>
    expect(complaint((x) => x.mul(1).assign([1, 2]))).toMatchInlineSnapshot(
      `"TypeError: capture: at <here>, the step works on the elements of a float32 tensor in JavaScript, and a replay calls kernels alone; do this outside of the step and pass the result"`,
    ));
  it("a graph that goes out", () => {
    const w = tensor([2, 3], { requiresGrad: true });
    expect(complaint((x) => x.mul(w))).toMatchInlineSnapshot(
      `"TypeError: capture: the step returns float32 [2] with its graph, and a replay makes none — call backward inside of the step, or compute it in noGrad(() => …), or return x.detach()"`,
    );
  });
  it("a promise", () =>
    expect(complaint(async (x) => x.mul(2))).toMatchInlineSnapshot(
      `"TypeError: capture: the function returned a promise — the mode ends when the function returns, and the rest of its body would run without it; call capture(() => …) around each synchronous part"`,
    ));
  it("a number that changes from call to call", () => {
    let calls = 0;
    expect(complaint((x) => x.mul(++calls), 7)).toMatchInlineSnapshot(
      `"TypeError: capture: 5 recordings of the step, and it still changes from call to call: a number that JavaScript computes changes: 4, then 5 — a replay would repeat the latest; pass what changes as a tensor, set rates by the optimizer's settings, or call the step uncaptured"`,
    );
  });
  it("a rate that the step sets itself", () => {
    const optimizer = new SGD([tensor([1], { requiresGrad: true })], { lr: 0.1 });
    const step = () => {
      optimizer.step();
      optimizer.groups[0].settings.lr *= 0.5;
    };
    expect(complaint(step)).toMatchInlineSnapshot(
      `"TypeError: capture: at <here>, the step changes settings of SGD, and a replay would not: the JavaScript of a step runs only while it is recorded; let a schedule set the rate before the step is called"`,
    );
  });
  it("a state that JavaScript carries along", () => {
    let h = zeros([2]);
    const step = (x: Tensor) => {
      h = h.add(x);
    };
    expect(complaint(step, 2)).toMatchInlineSnapshot(
      `"DisposedError: tensor float32 [2]: its memory was freed — a tensor lives as long as the scope it was made in; let it out with step.keep(tensor), or read its numbers before the scope ends"`,
    );
  });
  it("an argument that wants a gradient", () =>
    expect(() =>
      capture((x: Tensor) => x)(tensor([1], { requiresGrad: true })),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: capture: tensor 0 of the arguments, float32 [1], requires a gradient — arguments are copied, and no gradient would come back; use parameters from outside of the step, and pass data detached]`,
    ));
  it("a step that is no function", () =>
    expect(() => capture(null as unknown as () => void)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: capture: a step of type object — expected a function: capture((x, y) => …)]`,
    ));
  it("and checks of arguments are made in every replay, before anything changes", () => {
    const model = new Linear(2, 2);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const step = capture((x: Tensor, y: Tensor) => {
      model.zeroGrad();
      crossEntropy(model.forward(x), y).backward();
      optimizer.step();
    });
    const x = randn([3, 2], { random: new Random(1) });
    const classes = (...list: number[]) => tensor(list, { dtype: "int32" });
    for (let i = 0; i < 5; i++) step(x, classes(0, 1, 0));
    const before = model.parameters().map(bits);
    expect(() => step(x, classes(0, 2, 0))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: crossEntropy: targets must be class indices below 2 for logits [3, 2], got 2 at row 1]`,
    );
    expect(model.parameters().map(bits)).toEqual(before);
    expect(step.report().replays).toBe(2);
  });
});
