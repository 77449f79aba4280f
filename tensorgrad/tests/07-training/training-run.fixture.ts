import { createHash } from "node:crypto";
import { manualSeed, Random } from "tensorgrad";
import { DataLoader, spirals } from "tensorgrad/data";
import { CrossEntropyLoss, Dropout, Linear, type Module, ReLU, Sequential } from "tensorgrad/nn";
import { Adam, SGD } from "tensorgrad/optim";
import { accuracy, type Callback, type EpochResult, Trainer } from "tensorgrad/train";

/** About 130 steps. */
export const EPOCHS = 4;

/** What a checkpoint must hold a part of. */
export type FixedRun = ReturnType<typeof makeRun>;

export interface RunOptions {
  readonly callbacks?: readonly Callback[] | ((loader: DataLoader) => readonly Callback[]);
  readonly seed?: number;
  readonly hidden?: number;
  readonly optimizer?: "adam" | "momentum";
}

/**
 * A small training with everything that can go wrong in resuming: moments of the optimizer, dropout, shuffling, a
 * schedule, a last batch that is short. Same seed, same numbers.
 */
export function makeRun({
  seed = 1,
  hidden = 24,
  optimizer: kind = "adam",
  callbacks = [],
}: RunOptions = {}) {
  manualSeed(seed);
  const data = spirals({ count: 500, classes: 3, random: new Random(5) });
  const model = new Sequential(new Linear(2, hidden), new ReLU(), new Dropout(0.2), new Linear(hidden, 3));
  const loader = new DataLoader(data, { batchSize: 16, shuffle: true });
  const optimizer =
    kind === "adam"
      ? new Adam(model.parameters(), { lr: 0.01, weightDecay: 1e-4 })
      : new SGD(model.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true });
  const peak = kind === "adam" ? 0.01 : 0.1;
  const trainer = new Trainer({
    model,
    optimizer,
    loss: new CrossEntropyLoss(),
    schedule: {
      getLr: (step) => (peak * (1 + Math.cos((Math.PI * step) / (EPOCHS * loader.length)))) / 2 + 1e-4,
    },
    metrics: { accuracy },
    callbacks: typeof callbacks === "function" ? callbacks(loader) : callbacks,
  });
  return { model, optimizer, trainer, loader };
}

/** Goes on to the end. */
export const finish = ({ trainer, loader }: FixedRun): Promise<EpochResult[]> =>
  trainer.fit(loader, { epochs: EPOCHS, validation });

const validation = new DataLoader(spirals({ count: 60, classes: 3, random: new Random(6) }), {
  batchSize: 60,
});

/** Every bit of the weights. */
export function fingerprint(model: Module): string {
  const hash = createHash("sha256");
  for (const [name, { data }] of model.namedParameters()) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

/** What a run found, without the time it took. */
export const untimed = (history: readonly EpochResult[]): unknown =>
  JSON.parse(JSON.stringify(history, (key, value: unknown) => (key === "seconds" ? undefined : value)));
