import { autocast, heap, manualSeed, noGrad, scope, type Tensor } from "tensorgrad";
import { MixedPrecisionTrainer } from "tensorgrad/acceleration";
import { DataLoader } from "tensorgrad/data";
import { CrossEntropyLoss, Sequential } from "tensorgrad/nn";
import { accuracy, Trainer } from "tensorgrad/train";
import { digits } from "../../../examples/lib/digit-classifier.ts";
import { MLP } from "../../../examples/lib/digit-recipes.ts";
import { compared, report } from "../../lib/measure.ts";

/**
 * Note 16: the network of milestone 2 in 16 bits. What forward keeps, what training comes to, and which gradients vanish in float16
 * at which scale of the loss. Needs MNIST.
 *
 *   npx tsx notes/measure/trained/16-halves.ts --quick   # one epoch, one seed
 */
const quick = process.argv.includes("--quick");
const SEEDS = quick ? [1] : [1, 2];
const EPOCHS = quick ? 1 : MLP.epochs;
const KINDS = ["float32", "bfloat16", "float16"] as const;
type Kind = (typeof KINDS)[number];

const { name, train, test } = await digits(1, false);
const loss = new CrossEntropyLoss({ labelSmoothing: MLP.labelSmoothing });

async function trained(kind: Kind, seed: number) {
  manualSeed(seed);
  const model = new Sequential(...MLP.layers());
  const loader = new DataLoader(train, { batchSize: MLP.batchSize, shuffle: true, dropLast: true });
  const schedule = MLP.schedule?.(loader.length * EPOCHS);
  const options = {
    ...{ model, loss, optimizer: MLP.optimizer(model.parameters()), metrics: { accuracy } },
    ...(schedule && { schedule }),
  };
  const trainer =
    kind === "float32" ? new Trainer(options) : new MixedPrecisionTrainer({ ...options, dtype: kind });
  await trainer.fit(loader, { epochs: EPOCHS });
  const { metrics } = await trainer.evaluate(new DataLoader(test, { batchSize: 500 }));
  const scale = trainer instanceof MixedPrecisionTrainer ? trainer.scale : null;
  return { model, accuracy: metrics.accuracy, skipped: scale?.skipped ?? 0, scale: scale?.value ?? 1 };
}

const forward = (model: Sequential, x: Tensor, kind: Kind) => autocast(kind, () => model.forward(x));

/** Bytes on the heap after a forward pass that were not there before: what backward needs. */
function kept(model: Sequential, x: Tensor, kind: Kind): number {
  using _ = scope();
  const before = heap.live;
  forward(model, x, kind);
  return heap.live - before;
}

/** Of the gradients of the hidden layer's outputs, the share that float16 makes 0 although they are none. */
function vanished(model: Sequential, x: Tensor, y: Tensor, scale: number): number {
  using _ = scope();
  const [first, ...rest] = model.layers;
  const hidden = first.forward(x).retainGrad();
  loss
    .forward(
      rest.reduce((h, layer) => layer.forward(h), hidden),
      y,
    )
    .mul(scale)
    .backward();
  using __ = noGrad();
  const g = hidden.grad as Tensor;
  const lost = g.ne(0).logicalAnd(g.to("float16").to("float32").eq(0));
  return lost.sum().item() / g.ne(0).sum().item();
}

const runs: Record<Kind, { accuracy: number; skipped: number; scale: number }[]> = {
  float32: [],
  bfloat16: [],
  float16: [],
};
let last: Sequential | undefined;
for (const seed of SEEDS)
  for (const kind of KINDS) {
    const { model, ...run } = await trained(kind, seed);
    runs[kind].push(run);
    if (kind === "float32") last = model;
  }
const model = last as Sequential;
const [{ x, y }] = new DataLoader(test, { batchSize: 1000 });
const mean = (kind: Kind) => runs[kind].reduce((sum, run) => sum + run.accuracy, 0) / runs[kind].length;
const bytes = { float32: kept(model, x, "float32"), bfloat16: kept(model, x, "bfloat16") };
const step = (kind: Kind) => () => {
  using _ = scope();
  loss.forward(forward(model, x, kind), y).backward();
};

report({
  dataset: name,
  epochs: EPOCHS,
  seeds: SEEDS,
  runs,
  accuracy: { float32: mean("float32"), bfloat16: mean("bfloat16"), float16: mean("float16") },
  behind: { bfloat16: mean("float32") - mean("bfloat16"), float16: mean("float32") - mean("float16") },
  bytes: { ...bytes, ratio: bytes.bfloat16 / bytes.float32 },
  milliseconds: compared(
    { float32: step("float32"), bfloat16: step("bfloat16"), float16: step("float16") },
    { rounds: 15 },
  ),
  vanished: [0, 5, 10, 15].map((power) => ({ power, share: vanished(model, x, y, 2 ** power) })),
});
