import { ones, Random, randn, scope, type Tensor, tensor, zeros } from "tensorgrad";
import { Linear, MSELoss, ReLU, Sequential } from "tensorgrad/nn";
import { Adam, AdamW, clipGradNorm, Muon, RMSprop, SGD } from "tensorgrad/optim";
import { decodeTensors, encodeTensors, Trainer } from "tensorgrad/train";
import { describe, expect, it } from "vitest";
import { magnitudePrune } from "./magnitude-prune.ts";
import { Masks, snapshot } from "./masks.ts";

const random = new Random(5);
const [x, y] = [randn([16, 6], { random }), randn([16, 4], { random })];
const loss = new MSELoss();

const mlp = (): Sequential => {
  const random = new Random(1);
  return new Sequential(new Linear(6, 8, { random }), new ReLU(), new Linear(8, 4, { random }));
};
const matrices = (model: Sequential): Tensor[] => model.parameters().filter(({ rank }) => rank === 2);
const zerosOf = (model: Sequential): boolean[] =>
  matrices(model).flatMap((p) => Array.from(p.data, (w) => w === 0));

const kinds = {
  "SGD with momentum and weight decay": (params: Tensor[]) =>
    new SGD(params, { lr: 0.05, momentum: 0.9, weightDecay: 0.1, nesterov: true }),
  AdamW: (params: Tensor[]) => new AdamW(params, { lr: 0.05, weightDecay: 0.1 }),
  Adam: (params: Tensor[]) => new Adam(params, { lr: 0.05, weightDecay: 0.1 }),
  RMSprop: (params: Tensor[]) => new RMSprop(params, { lr: 0.01, momentum: 0.5 }),
  Muon: (params: Tensor[]) => new Muon(params, { lr: 0.05, weightDecay: 0.1 }),
};

/** Steps with what comes after each. */
function train(
  model: Sequential,
  optimizer: { step(): void; zeroGrad(): void },
  steps: number,
  after = () => {},
) {
  for (let i = 0; i < steps; i++) {
    using _ = scope();
    optimizer.zeroGrad();
    loss.forward(model.forward(x), y).backward();
    optimizer.step();
    after();
  }
}

describe.each(Object.entries(kinds))("Masks, %s", (_, make) => {
  it("survive every step, also with what the optimizer remembers from before", () => {
    const model = mlp();
    const optimizer = make(matrices(model));
    train(model, optimizer, 5);
    const masks = magnitudePrune(model, { sparsity: 0.7 });
    const removed = zerosOf(model);
    const kept = matrices(model).map((p) => p.detach().clone());
    train(model, optimizer, 10, () => {
      masks.apply();
      expect(zerosOf(model)).toEqual(removed);
    });
    expect(matrices(model).some((p, i) => p.detach().sub(kept[i]).abs().max().item() > 1e-3)).toBe(true);
  });

  it("are lost without them", () => {
    const model = mlp();
    magnitudePrune(model, { sparsity: 0.7 }).release();
    train(model, make(matrices(model)), 1);
    expect(zerosOf(model).filter(Boolean).length).toBeLessThan(28);
  });
});

describe("Masks", () => {
  it("accompany a trainer, with a limit on gradients", async () => {
    const model = mlp();
    const masks = magnitudePrune(model, { sparsity: 0.8 });
    const removed = zerosOf(model);
    const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 0.01 });
    const trainer = new Trainer({ model, optimizer, loss, clipGradNorm: 0.5, callbacks: [masks] });
    const history = await trainer.fit([{ x, y }], { epochs: 20 });
    expect(zerosOf(model)).toEqual(removed);
    expect(history[19].train.loss).toBeLessThan(history[0].train.loss);
  });

  it("accompany a trainer whose optimizer remembers steps from before", async () => {
    const model = mlp();
    const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
    await new Trainer({ model, optimizer, loss }).fit([{ x, y }], { epochs: 5 });
    const masks = magnitudePrune(model, { sparsity: 0.5 });
    const removed = zerosOf(model);
    await new Trainer({ model, optimizer, loss, callbacks: [masks] }).fit([{ x, y }], { epochs: 3 });
    expect(removed.filter(Boolean)).toHaveLength(40);
    expect(zerosOf(model)).toEqual(removed);
  });

  it("take removed weights out of the gradients' length", () => {
    const [model, same] = [mlp(), mlp()];
    magnitudePrune(model, { sparsity: 0.5 });
    same.loadStateDict(model.stateDict());
    for (const one of [model, same]) loss.forward(one.forward(x), y).backward();
    const removed = zerosOf(model);
    const gradients = (one: Sequential) => matrices(one).flatMap(({ grad }) => Array.from(grad?.data ?? []));
    expect(gradients(model)).toEqual(gradients(same).map((g, i) => (removed[i] ? 0 : g)));
    const length = (one: Sequential) => clipGradNorm(one.parameters(), 1);
    expect(length(model)).toBeLessThan(length(same));
  });

  it("are saved and loaded with a trainer's state", () => {
    const model = mlp();
    const masks = magnitudePrune(model, { sparsity: 0.5 });
    const file = decodeTensors(encodeTensors(masks.tensors()));
    const other = mlp();
    const again = new Masks(other, file.tensors);
    expect(zerosOf(other)).toEqual(zerosOf(model));
    expect(Object.keys(again.tensors())).toEqual(["0.weight", "2.weight"]);
  });

  it("are found again in a model that was read from a file", () => {
    const [model, read] = [mlp(), mlp()];
    magnitudePrune(model, { sparsity: 0.6 });
    read.loadStateDict(model.stateDict());
    const masks = Masks.ofZeros(read);
    train(read, new AdamW(read.parameters(), { lr: 0.1 }), 3, () => masks.apply());
    expect(zerosOf(read)).toEqual(zerosOf(model));
  });

  it("put the weights that are left back to where they began", () => {
    const model = mlp();
    const start = snapshot(model);
    train(model, new SGD(model.parameters(), { lr: 0.1 }), 20);
    const masks = magnitudePrune(model, { sparsity: 0.5 });
    const removed = zerosOf(model);
    train(model, new SGD(model.parameters(), { lr: 0.1 }), 5, () => masks.apply());
    masks.rewind(start);
    const began = Object.values(start)
      .filter(({ rank }) => rank === 2)
      .flatMap((t) => Array.from(t.data));
    const now = matrices(model).flatMap((p) => Array.from(p.data));
    expect(now).toEqual(began.map((w, i) => (removed[i] ? 0 : w)));
  });

  it("set what has become NaN to 0, where it is removed", () => {
    const layer = new Linear(2, 1);
    const masks = new Masks(layer, { weight: tensor([[true, false]]) });
    layer.weight.assign(tensor([[Number.NaN, Number.NaN]]));
    masks.apply();
    expect(layer.weight.toArray()).toEqual([[Number.NaN, 0]]);
  });

  it("refuse other models and shapes", async () => {
    const model = mlp();
    expect(() => new Masks(model, { "1.weight": ones([8, 6]) })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Masks: "1.weight" — Sequential has no parameter of that name]`,
    );
    expect(() => new Masks(model, { "0.weight": zeros([6, 8]) })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Masks: "0.weight" is [8, 6], its mask [6, 8] — one for each weight, of the same shape]`,
    );
    const masks = magnitudePrune(model);
    const other = mlp();
    const trainer = new Trainer({
      ...{ model: other, loss, callbacks: [masks] },
      optimizer: new SGD(other.parameters(), { lr: 0.1 }),
    });
    await expect(trainer.fit([{ x, y }])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Masks: "0.weight" [8, 6] is no parameter of the model that is trained — masks belong to the tensors that were pruned; prune the model that you train, after its layers were replaced]`,
    );
  });
});
