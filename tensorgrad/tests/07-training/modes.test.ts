import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../src/01-tensor/index.ts";
import { Dropout, evaluating, Linear, Module, Sequential } from "../../src/03-layers/index.ts";
import { mse } from "../../src/04-losses/index.ts";
import { SGD } from "../../src/06-optimizers/index.ts";
import { findLr } from "../../src/07-training/lr-finder.ts";
import { Trainer } from "../../src/07-training/trainer.ts";
import { column } from "./scaling.fixture.ts";

describe("the modes of a model's parts", () => {
  it("are as they were after evaluate, fit and findLr, also where a part was frozen by eval()", async () => {
    await fc.assert(
      fc.asyncProperty(frozen, async (choice) => {
        const { model, trainer, modes } = setUp(choice);
        const before = modes();
        await trainer.evaluate(batches);
        expect(modes()).toEqual(before);
        await trainer.fit(batches, { validation: batches });
        expect(modes()).toEqual(before);
        await findLr(trainer, batches, { steps: 2 });
        expect(modes()).toEqual(before);
        {
          using _ = evaluating(model);
          expect(modes()).toEqual(before.map(() => false));
        }
        expect(modes()).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });

  it("do not change under a training when an evaluation runs beside it", async () => {
    await fc.assert(
      fc.asyncProperty(frozen, async (choice) => {
        const { trainer, modes, seen } = setUp(choice);
        const before = modes();
        const beside = new Trainer(trainer.options);
        await Promise.all([trainer.fit(batches, { epochs: 2 }), beside.evaluate(batches)]);
        const [trained, judged] = [true, false].map((training) =>
          seen.filter((one) => one.training === training),
        );
        expect(trained.map(({ modes }) => modes)).toEqual(Array(2 * batches.length).fill(before));
        expect(judged.map(({ modes }) => modes)).toEqual(Array(batches.length).fill(before.map(() => false)));
      }),
      { numRuns: 30 },
    );
  });

  it("are those of training when fit begins with a model in evaluation mode", async () => {
    const { model, trainer, seen } = setUp([false, false, false]);
    model.eval();
    await trainer.fit(batches);
    expect(seen.every(({ modes }) => modes.every(Boolean))).toBe(true);
  });
});

const batches = [1, 2, 3].map((x) => ({ x: column(x), y: column(2 * x) }));

/** Which of the three parts of the model are put into evaluation mode by hand. */
const frozen = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());

/** Notes the modes that every forward sees. */
class Watched extends Module {
  readonly encoder = new Sequential(new Linear(1, 2), new Dropout(0.5));
  readonly drop = new Dropout(0.5);
  readonly head = new Linear(2, 1);
  watch = (): void => {};

  override forward(x: Tensor): Tensor {
    this.watch();
    return this.head.forward(this.drop.forward(this.encoder.forward(x)));
  }
}

function setUp([encoder, drop, head]: readonly boolean[]) {
  const model = new Watched();
  const modes = (): boolean[] => model.modules().map(([, part]) => part.training);
  const seen: { readonly training: boolean; readonly modes: boolean[] }[] = [];
  model.watch = () => void seen.push({ training: model.training, modes: modes() });
  model.head.weight.assign(tensor([[1, 1]]));
  if (encoder) model.encoder.eval();
  if (drop) model.drop.eval();
  if (head) model.head.eval();
  const optimizer = new SGD(model.parameters(), { lr: 1e-3 });
  return { model, modes, seen, trainer: new Trainer({ model, optimizer, loss: mse }) };
}
