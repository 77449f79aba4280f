import { beforeEach, describe, expect, it } from "vitest";
import { column, scaling } from "../../tests/07-training/scaling.fixture.ts";
import { heap, manualSeed, Random, scope } from "../00-runtime/index.ts";
import { autocast, randn, type Tensor, tensor } from "../01-tensor/index.ts";
import { ReLU } from "../02-activations/index.ts";
import { Linear, Sequential } from "../03-layers/index.ts";
import { mse } from "../04-losses/index.ts";
import { checkpoint } from "../05-autograd/index.ts";
import { Adam, SGD } from "../06-optimizers/index.ts";
import { Trainer, type TrainerOptions } from "../07-training/index.ts";
import { type MixedPrecisionOptions, MixedPrecisionTrainer } from "./mixed-precision.ts";
import { LossScale } from "./mixed-precision-scale.ts";

beforeEach(() => manualSeed(1));

describe("MixedPrecisionTrainer", () => {
  it("trains where gradients would be 0 in float16 without a scale", async () => {
    const plain = await faint((options) => new Trainer(options));
    const unscaled = await faint((options) => new MixedPrecisionTrainer({ ...options, lossScale: 1 }));
    const scaled = await faint((options) => new MixedPrecisionTrainer({ ...options, lossScale: 2 ** 16 }));
    expect(unscaled.moved).toBe(0); // every gradient was below half of float16's smallest number
    expect(plain.after).toBeLessThan(0.1 * plain.before);
    expect(scaled.after).toBeLessThan(0.1 * scaled.before);
    expect(scaled.after).toBeLessThan(1.2 * plain.after);
  });

  it("takes the same step as a Trainer where nothing is rounded, clipping included", async () => {
    const found = await Promise.all(
      [Trainer, MixedPrecisionTrainer].map(async (Kind) => {
        const { model, trainer } = scaling();
        const { optimizer, loss } = trainer.options;
        await new Kind({ model, optimizer, loss, clipGradNorm: 1, accumulate: 2 }).trainEpoch([
          { x: column(1), y: column(3) },
          { x: column(2), y: column(2) },
        ]);
        return model.layer.weight.item();
      }),
    );
    expect(found[1]).toBe(found[0]);
  });

  it("skips a step whose gradients overflow, halves the scale, and doubles it after good steps", async () => {
    const { model, trainer } = scaling();
    const { optimizer, loss } = trainer.options;
    const mixed = new MixedPrecisionTrainer({
      model,
      optimizer,
      loss,
      lossScale: 2 ** 15,
      growthInterval: 3,
    });
    const seen: [number, number, boolean][] = []; // the gradient −4·2¹⁵ is beyond 65504
    for (let i = 0; i < 6; i++) {
      const before = model.layer.weight.item();
      await mixed.trainEpoch([{ x: column(1), y: column(3) }]);
      seen.push([mixed.scale.value, mixed.steps, model.layer.weight.item() !== before]);
    }
    expect(seen).toEqual([
      [2 ** 14, 0, false],
      [2 ** 13, 0, false],
      [2 ** 13, 1, true],
      [2 ** 13, 2, true],
      [2 ** 14, 3, true],
      [2 ** 14, 4, true],
    ]);
    expect(mixed.scale.skipped).toBe(2);
  });

  it("stops with the reason where no scale helps", async () => {
    const { model, trainer } = scaling();
    const { optimizer } = trainer.options;
    const loss = (y: Tensor, t: Tensor) => mse(y, t).mul(1e6);
    const mixed = new MixedPrecisionTrainer({ model, optimizer, loss, lossScale: 8 });
    const batches = Array.from({ length: 8 }, () => ({ x: column(1), y: column(3) }));
    await expect(mixed.trainEpoch(batches)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MixedPrecisionTrainer: the gradient of layer.weight is not finite at step 1 (epoch 1), with a loss scale of 1 and after 3 skipped steps in a row — no scale helps; use { dtype: "bfloat16" }, whose range is that of float32, or find the operation with detectAnomaly()]`,
    );
    expect([model.layer.weight.item(), mixed.steps, mixed.scale.skipped]).toEqual([1, 0, 3]);
    const wide = new MixedPrecisionTrainer({ model, optimizer, loss, dtype: "bfloat16" });
    await expect(wide.trainEpoch(batches.slice(0, 1))).resolves.toMatchObject({ steps: 1 });
  });

  it("goes on from its state as if it had not stopped", async () => {
    const made = () => {
      manualSeed(5);
      const model = new Sequential(new Linear(3, 8), new ReLU(), new Linear(8, 1));
      const optimizer = new Adam(model.parameters(), { lr: 0.01 });
      return new MixedPrecisionTrainer({
        model,
        optimizer,
        loss: mse,
        lossScale: 2 ** 24,
        growthInterval: 4,
      });
    };
    const batches = pairs(12);
    const [whole, first, second] = [made(), made(), made()];
    await whole.fit(batches, { epochs: 2 });
    await first.fit(batches, { epochs: 1 });
    second.model.loadStateDict(first.model.stateDict());
    (second.optimizer as Adam).loadStateDict((first.optimizer as Adam).stateDict());
    second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())));
    expect(second.scale.value).toBe(first.scale.value);
    await second.fit(batches, { epochs: 2 });
    expect(first.scale.skipped).toBeGreaterThan(0);
    expect(second.stateDict().precision).toEqual(whole.stateDict().precision);
    for (const [i, p] of second.model.parameters().entries())
      expect(p.data).toEqual(whole.model.parameters()[i].data);
  });

  it("keeps its scale when a state does not fit", () => {
    const { model, trainer } = scaling();
    const mixed = new MixedPrecisionTrainer({ ...trainer.options, model, lossScale: 64 });
    const state = { ...mixed.stateDict(), steps: 7, precision: { scale: 0, good: 0, inARow: 0, skipped: 0 } };
    expect(() => mixed.loadStateDict(state)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: LossScale.loadStateDict: {"scale":0,"good":0,"inARow":0,"skipped":0} — expected { scale, good, inARow, skipped } of a mixed-precision training]`,
    );
    expect([mixed.scale.value, mixed.steps]).toEqual([64, 0]);
  });

  it("refuses options of no use", () => {
    const { model, trainer } = scaling();
    const make = (options: object) => () => new MixedPrecisionTrainer({ ...trainer.options, ...options });
    expect(make({ dtype: "float32" })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: MixedPrecisionTrainer: dtype "float32" — "float16" or "bfloat16"; for float32 use Trainer]`,
    );
    expect(make({ lossScale: 0.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MixedPrecisionTrainer: lossScale 0.5 — a number from 1 to 16777216, best a power of two]`,
    );
    expect(make({ lossScale: Number.NaN })).toThrow("lossScale NaN");
    expect(make({ growthInterval: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MixedPrecisionTrainer: growthInterval 0 — a number of steps ≥ 1, or Infinity for a scale that never grows]`,
    );
    model.to("float16");
    expect(make({})).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: MixedPrecisionTrainer: parameter layer.weight is float16 — it keeps parameters in float32 and rounds them for each product; convert the model back: model.to("float32")]`,
    );
    expect(() => new SGD(model.parameters(), { lr: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD: a parameter of dtype float16 and shape [1, 1] — most steps are smaller than the last place of a number in 16 bits; keep it in float32: model.to("float32"), and multiply in 16 bits with autocast or MixedPrecisionTrainer]`,
    );
  });
});

describe("LossScale", () => {
  it("ends at a power of two that float32 still adds to", () => {
    const scale = new LossScale({ lossScale: 2 ** 23, growthInterval: 1 });
    for (let i = 0; i < 5; i++) scale.unscale([], { step: 1, epoch: 1 });
    expect(scale.value).toBe(2 ** 24);
  });
});

describe("autocast", () => {
  it("keeps half of the bytes for backward", () => {
    const layers = Array.from({ length: 8 }, () => [new Linear(64, 64), new ReLU()]).flat();
    const model = new Sequential(...layers);
    const x = randn([2048, 64], { random: new Random(2) });
    const bytes = (run: () => Tensor) => {
      using _ = scope();
      const before = heap.live;
      run();
      return heap.live - before;
    };
    const wide = bytes(() => model.forward(x));
    const narrow = bytes(() => autocast("bfloat16", () => model.forward(x)));
    expect(narrow / wide).toBeGreaterThan(0.49);
    expect(narrow / wide).toBeLessThan(0.51); // neither the rounded input nor rounded weights take any
  });

  it("gives the gradients of float32, rounded, to parameters in float32", () => {
    const model = new Sequential(new Linear(5, 7), new ReLU(), new Linear(7, 3));
    const x = randn([4, 5], { random: new Random(3) });
    const gradients = (run: () => Tensor) => {
      model.zeroGrad();
      run().square().sum().backward();
      return model.parameters().map((p) => (p.grad as Tensor).clone());
    };
    const truth = gradients(() => model.forward(x));
    const found = gradients(() => autocast("bfloat16", () => model.forward(x)).to("float32"));
    for (const [i, g] of found.entries()) {
      expect(g.dtype).toBe("float32");
      expect(g.sub(truth[i]).norm().item()).toBeLessThan(0.02 * truth[i].norm().item());
      expect(g.sub(truth[i]).norm().item()).toBeGreaterThan(0);
    }
  });

  it("is on again where a checkpoint computes a second time", () => {
    const model = new Sequential(new Linear(5, 7), new ReLU(), new Linear(7, 3));
    const x = randn([4, 5], { random: new Random(3) });
    const gradients = (forward: () => Tensor) => {
      model.zeroGrad();
      autocast("bfloat16", forward).to("float32").square().sum().backward();
      return model.parameters().map((p) => (p.grad as Tensor).toArray());
    };
    const kept = gradients(() => model.forward(x));
    expect(gradients(() => checkpoint((x) => model.forward(x), x))).toEqual(kept);
  });

  it("refuses other types, and functions that wait", () => {
    expect(() => autocast("int8" as never, () => 1)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: autocast: "int8" — products are computed in "float16" or "bfloat16", or as they are in "float32"]`,
    );
    expect(() => autocast("bfloat16", async () => 1)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: autocast: the function returned a promise — the mode ends when the function returns, and the rest of its body would run without it; call autocast(() => …) around each synchronous part]`,
    );
  });
});

/** A loss whose weight makes every gradient smaller than 3e-8, and a rate that makes up for it. */
async function faint(make: (options: MixedPrecisionOptions & TrainerOptions) => Trainer) {
  manualSeed(3);
  const model = new Sequential(new Linear(3, 16), new ReLU(), new Linear(16, 1));
  const optimizer = new SGD(model.parameters(), { lr: 1e7 });
  const loss = (y: Tensor, t: Tensor) => mse(y, t).mul(1e-8);
  const [start, batches] = [model.parameters().map((p) => p.clone()), pairs(40)];
  const trainer = make({ model, optimizer, loss });
  const before = (await trainer.evaluate(batches)).loss;
  await trainer.fit(batches, { epochs: 4 });
  const moved = Math.max(...model.parameters().map((p, i) => p.sub(start[i]).abs().max().item()));
  return { before, after: (await trainer.evaluate(batches)).loss, moved };
}

/** y = x₀ − 2x₁ + 1 */
function pairs(count: number) {
  const random = new Random(4);
  return Array.from({ length: count }, () => {
    const x = randn([32, 3], { random });
    const rows = x.toArray() as number[][];
    return { x, y: tensor(rows.map(([a, b]) => [a - 2 * b + 1])) };
  });
}
