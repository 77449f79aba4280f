import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { can, checked, expectArgument } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { expectModule } from "../03-layers/index.ts";
import {
  type Batches,
  type Ranks,
  TRAINER_OPTIONS,
  Trainer,
  type TrainerOptions,
} from "../07-training/index.ts";
import { agree, type Fact } from "./agree.ts";
import { GradientAverage } from "./average-gradients.ts";
import { expectGroup, type Group, init } from "./group.ts";
import { RankError } from "./mpi.ts";
import { broadcastParameters, parameterHash } from "./parameters.ts";
import { syncBatchNorm } from "./sync-batch-norm.ts";

export interface DistributedTrainerOptions extends Omit<TrainerOptions, "ranks"> {
  /** Default: all that `mpirun` started. */
  readonly group?: Group;
}

/**
 * A trainer whose batches are spread over several processes. R ranks with batches of B end where one rank with batches of R·B
 * does: gradients, losses, metrics and batch norms are those of all batches together.
 *
 *   const trainer = new DistributedTrainer({ model, optimizer, loss: crossEntropy, callbacks: [checkpoints] });
 *   await trainer.fit(new DataLoader(train, { batchSize: 32, sampler: new DistributedSampler(train, { shuffle: true }) }));
 *   init().finalize();
 *
 *   mpirun -n 2 npx tsx train.ts
 *
 * It starts from rank 0's weights. Rank 0 writes checkpoints, all resume from them. Before every pass and at the end all ranks
 * compare the bits of their weights. A rank that fails ends all: an error that nobody catches ends its process, and `mpirun` the others.
 *
 * Throws  RankError where ranks have other models, optimizers, scripts, numbers of batches, or weights
 */
export class DistributedTrainer extends Trainer {
  constructor(given: DistributedTrainerOptions) {
    const { group = init(), ...options } = checked("DistributedTrainer", given, ["group", ...OWN_OPTIONS]);
    expectGroup("DistributedTrainer", group);
    expectModule("DistributedTrainer", options.model);
    expectArgument(
      can(options.optimizer, "step", "zeroGrad"),
      "DistributedTrainer",
      "optimizer",
      options.optimizer,
      "an optimizer, such as new SGD(model.parameters())",
    );
    agree(group, "DistributedTrainer", [...codeOf(), ...structureOf(options)]);
    broadcastParameters(options.model, group);
    syncBatchNorm(options.model, group);
    super({ ...options, ranks: new GroupRanks(group) });
  }
}

const OWN_OPTIONS = TRAINER_OPTIONS.filter((name) => name !== "ranks");

class GroupRanks implements Ranks {
  readonly rank: number;
  readonly size: number;
  readonly #group: Group;
  readonly #average: GradientAverage;

  constructor(group: Group) {
    [this.rank, this.size, this.#group] = [group.rank, group.size, group];
    this.#average = new GradientAverage(group);
  }

  sum(values: readonly number[]): number[] {
    return this.#group.sum(values);
  }

  averageGradients(parameters: readonly Tensor[]): void {
    this.#average.run(parameters);
  }

  check(trainer: Trainer, batches: Batches): void {
    const { epoch, batch, steps } = trainer.stateDict();
    agree(this.#group, "DistributedTrainer", [
      ["place", `${steps} steps, epoch ${epoch}, batch ${batch}`],
      ["number of batches in a pass", lengthOf(batches)],
      ["weights", parameterHash(trainer.model).slice(0, 16)],
    ]);
  }
}

/** A source that does not say how many batches it has may end on one rank while the others wait. */
function lengthOf(batches: Batches): string {
  const { length } = batches as { length?: unknown };
  if (typeof length === "number") return String(length);
  throw new RankError(
    "DistributedTrainer: batches without a length — all ranks must take as many steps, or one waits for ever; give a DataLoader or a list",
  );
}

/** Which program runs: two ranks whose scripts differ would compute other things, and say nothing. */
function codeOf(): Fact[] {
  const [, script = ""] = process.argv;
  const digest = (text: Uint8Array) => createHash("sha256").update(text).digest("hex").slice(0, 16);
  return [["script", script && digest(readFileSync(script))]];
}

/** What must be equal before the first step. */
function structureOf({ model, optimizer }: Pick<TrainerOptions, "model" | "optimizer">): Fact[] {
  const parameters = Object.entries(model.stateDict()).map(
    ([name, { shape, dtype }]): Fact => [`model's ${name}`, `[${shape}] ${dtype}`],
  );
  const groups = optimizer.groups.map(
    ({ params, ...settings }) => `${params.length} parameters, ${JSON.stringify(settings)}`,
  );
  return [
    ["number of tensors in the model", String(parameters.length)],
    ...parameters,
    ["optimizer", `${optimizer.constructor.name} of ${groups.join("; ")}`],
  ];
}
