import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualSeed, Random, zerosLike } from "tensorgrad";
import { DataLoader, spirals } from "tensorgrad/data";
import { CrossEntropyLoss, Dropout, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { AdamW, CosineSchedule, LinearWarmup } from "tensorgrad/optim";
import { type Callback, Trainer } from "tensorgrad/train";
import { loadCheckpoint, saveCheckpoint } from "tensorgrad/train/node";

const [EPOCHS, SAVED_AT] = [6, 100];

/** Has everything that a resumed training can get wrong; 188 steps. */
function training(seed: number, callbacks: readonly Callback[] = []) {
  manualSeed(seed);
  const data = spirals({ count: 500, classes: 3, random: new Random(5) });
  const model = new Sequential(new Linear(2, 32), new ReLU(), new Dropout(0.2), new Linear(32, 3));
  const loader = new DataLoader(data, { batchSize: 16, shuffle: true });
  const optimizer = new AdamW(model.parameters(), { lr: 0.02 });
  const steps = EPOCHS * loader.length;
  const schedule = new LinearWarmup(new CosineSchedule({ lr: 0.02, steps: steps - 20 }), { steps: 20 });
  const trainer = new Trainer({ model, optimizer, loss: new CrossEntropyLoss(), schedule, callbacks });
  return { model, optimizer, loader, trainer };
}
type Training = ReturnType<typeof training>;

/** What is lost between loading a checkpoint and going on. */
const losses: Readonly<Record<string, (resumed: Training) => void>> = {
  nothing: () => {},
  moments: ({ optimizer }) => {
    const state = optimizer.stateDict();
    const tensors = Object.entries(state.tensors).map(([name, tensor]) => [name, zerosLike(tensor)]);
    optimizer.loadStateDict({ ...state, tensors: Object.fromEntries(tensors) });
  },
  stepCounts: ({ optimizer }) => {
    const state = optimizer.stateDict();
    optimizer.loadStateDict({ ...state, steps: state.steps.map(() => 0) });
  },
  schedule: ({ trainer }) => trainer.loadStateDict({ ...trainer.stateDict(), steps: 0 }),
  order: ({ loader }) => loader.loadStateDict({ ...loader.stateDict(), pass: new Random(99).state }),
  random: () => void manualSeed(99),
  oneBatch: ({ loader, trainer }) => {
    const { pass, batch } = loader.stateDict();
    loader.loadStateDict({ pass, batch: batch - 1 });
    const state = trainer.stateDict();
    const sums = state.pass as { readonly steps: number };
    trainer.loadStateDict({ ...state, batch: state.batch - 1, pass: { ...sums, steps: sums.steps - 1 } });
  },
};

/** Where a training ends that lost something: loss of its last epoch, and distance from the weights w* without a loss. */
export interface Astray {
  readonly distance: number; // ‖w − w*‖/‖w*‖
  readonly loss: number;
}

export async function forgotten(): Promise<Record<string, Astray>> {
  const folder = mkdtempSync(join(tmpdir(), "forgotten-"));
  const path = join(folder, "saved.safetensors");
  const save: Callback = {
    last: true,
    onStepEnd: (_, { step }) => (step === SAVED_AT ? saveCheckpoint(path, whole) : undefined),
  };
  const whole = training(1, [save]);
  const run = async ({ trainer, loader, model }: Training) => {
    const history = await trainer.fit(loader, { epochs: EPOCHS });
    const weights = model.parameters().flatMap(({ data }) => [...data]);
    return { weights, loss: history[EPOCHS - 1].train.loss };
  };
  try {
    const { weights: expected } = await run(whole);
    const astray: Record<string, Astray> = {};
    for (const [name, lose] of Object.entries(losses)) {
      const resumed = training(2, [{}]); // as many callbacks as were saved
      await loadCheckpoint(path, resumed);
      lose(resumed);
      const { weights, loss } = await run(resumed);
      const distance = Math.hypot(...weights.map((w, i) => w - expected[i])) / Math.hypot(...expected);
      astray[name] = { distance, loss };
    }
    return astray;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
