import { z } from "zod";
import { expectArgument } from "../../00-runtime/index.ts";
import { expectTensors, type Tensor } from "../../01-tensor/index.ts";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  CombinedOptimizer,
  CosineAnnealingWarmRestarts,
  CosineSchedule,
  ExponentialLR,
  LinearWarmup,
  MultiStepLR,
  Muon,
  type MuonSettings,
  NAdam,
  OneCycle,
  PolynomialLR,
  RAdam,
  RMSprop,
  type Schedule,
  SGD,
  StepLR,
} from "../../06-optimizers/index.ts";

const count = z.int().positive();
const rate = z.number().positive();
const share = z.number().min(0).max(1);
const weightDecay = z.number().nonnegative().optional();
const lr = rate;

const data = z
  .strictObject({
    name: z
      .enum(["digits", "mnist", "cifar10", "shakespeare", "blobs", "moons", "spirals", "xor"])
      .default("digits"),
    batchSize: count.default(64),
    shuffle: z.boolean().default(true),
    dropLast: z.boolean().default(false),
    /** How many of the training examples are set aside to watch. */
    validation: share.optional(),
  })
  .prefault({});

const model = z
  .strictObject({
    /** Sizes of the hidden layers. */
    hidden: z.array(count).default([128]),
    activation: z.enum(["relu", "tanh", "sigmoid", "gelu", "silu"]).default("relu"),
    dropout: z.number().min(0).lt(1).default(0),
  })
  .prefault({});

const optimizer = z
  .discriminatedUnion("name", [
    z.strictObject({
      name: z.literal("sgd"),
      lr,
      momentum: z.number().nonnegative().optional(),
      nesterov: z.boolean().optional(),
      weightDecay,
    }),
    ...(["adam", "adamw", "nadam", "radam", "adamax"] as const).map((name) =>
      z.strictObject({
        name: z.literal(name),
        lr: lr.default(1e-3),
        betas: z.tuple([share, share]).optional(),
        eps: rate.optional(),
        weightDecay,
      }),
    ),
    z.strictObject({ name: z.literal("rmsprop"), lr, alpha: share.optional(), weightDecay }),
    z.strictObject({ name: z.literal("adagrad"), lr, weightDecay }),
    z.strictObject({ name: z.literal("adadelta"), lr: lr.default(1), rho: share.optional(), weightDecay }),
    z.strictObject({
      name: z.literal("muon"),
      lr,
      momentum: share.optional(),
      weightDecay,
      /** Of the AdamW that moves biases and all else that is no matrix. */
      restLr: rate.default(1e-3),
    }),
  ])
  .prefault({ name: "adam" });

const warmup = z.int().nonnegative().default(0);
const schedule = z
  .discriminatedUnion("name", [
    z.strictObject({ name: z.literal("constant"), warmup }),
    z.strictObject({ name: z.literal("step"), warmup, stepSize: count, gamma: share.optional() }),
    z.strictObject({ name: z.literal("cosine"), warmup, minLr: z.number().nonnegative().optional() }),
    z.strictObject({
      name: z.literal("multistep"),
      warmup,
      milestones: z.array(count),
      gamma: share.optional(),
    }),
    z.strictObject({ name: z.literal("exponential"), warmup, gamma: share }),
    z.strictObject({ name: z.literal("polynomial"), warmup, power: rate.optional() }),
    z.strictObject({
      name: z.literal("restarts"),
      warmup,
      t0: count,
      tMult: count.optional(),
      minLr: z.number().nonnegative().optional(),
    }),
    z.strictObject({ name: z.literal("onecycle"), pctStart: share.optional() }),
  ])
  .prefault({ name: "constant" });

const training = z
  .strictObject({
    epochs: count.default(5),
    /** Batches per step of the optimizer. */
    accumulate: count.default(1),
    /** Largest norm of all gradients together. */
    clipNorm: rate.optional(),
    earlyStopping: z
      .strictObject({ monitor: z.string().default("validation.loss"), patience: count.default(5) })
      .optional(),
    checkpoints: z
      .strictObject({
        everySteps: count.optional(),
        everyEpochs: count.optional(),
        keep: count.default(3),
        best: z.string().optional(),
      })
      .optional(),
  })
  .prefault({});

/**
 * A configuration of one's own program can be of any schema; this one serves the usual trainings.
 *
 *   name: mnist-mlp
 *   seed: 1
 *   data: { name: mnist, batchSize: 64 }
 *   model: { hidden: [128], activation: relu }
 *   optimizer: { name: sgd, lr: 0.1, momentum: 0.9 }
 *   schedule: { name: cosine, warmup: 100 }      # steps
 *   training: { epochs: 5 }
 */
export const trainingSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, "expected letters, digits, and any of _ . -")
    .default("run"),
  seed: z.int().nonnegative().default(0),
  data,
  model,
  optimizer,
  schedule,
  training,
});

/** A training as its file describes it, with all defaults filled in. */
export type TrainingConfig = z.output<typeof trainingSchema>;

const optimizers = {
  sgd: SGD,
  adam: Adam,
  adamw: AdamW,
  nadam: NAdam,
  radam: RAdam,
  adamax: Adamax,
  rmsprop: RMSprop,
  adagrad: Adagrad,
  adadelta: Adadelta,
  muon: Muon,
} as const;
type Made = Adam | NAdam | RAdam | Adamax | SGD | RMSprop | Adagrad | Adadelta | Muon | CombinedOptimizer;

/** The optimizer that a configuration describes. */
export function makeOptimizer(config: TrainingConfig["optimizer"], parameters: readonly Tensor[]): Made {
  const known = config?.name === "muon" || Object.hasOwn(optimizers, config?.name);
  expectArgument(
    known,
    "makeOptimizer",
    "config",
    config,
    `{ name: one of ${Object.keys(optimizers).join(", ")}, … }`,
  );
  expectTensors("makeOptimizer", parameters, "parameters");
  if (config.name === "muon") return makeMuon(config, parameters);
  const { name, ...settings } = config;
  return new (optimizers[name] as new (parameters: readonly Tensor[], settings: object) => Made)(
    parameters,
    settings,
  );
}

/** Muon moves matrices only. */
function makeMuon(
  { restLr, name: _, ...settings }: Extract<TrainingConfig["optimizer"], { name: "muon" }>,
  parameters: readonly Tensor[],
): Made {
  const matrices = parameters.filter(({ rank }) => rank === 2);
  const rest = parameters.filter(({ rank }) => rank !== 2);
  const muon = new Muon(matrices, settings as Partial<MuonSettings>);
  return rest.length ? new CombinedOptimizer(muon, new AdamW(rest, { lr: restLr })) : muon;
}

/** The schedule that a configuration describes, for a training of `steps` steps with at most the rate `lr`. */
export function makeSchedule(
  config: Pick<TrainingConfig, "schedule" | "optimizer">,
  steps: number,
): Schedule {
  const fits = typeof config?.schedule?.name === "string" && typeof config.optimizer?.lr === "number";
  expectArgument(fits, "makeSchedule", "config", config, "{ schedule: { name, … }, optimizer: { lr, … } }");
  const { schedule, optimizer } = config;
  const { lr } = optimizer;
  if (schedule.name === "onecycle") {
    const { pctStart } = schedule;
    return new OneCycle({ maxLr: lr, steps, ...(pctStart !== undefined && { pctStart }) });
  }
  const rest = Math.max(1, steps - schedule.warmup);
  const inner = innerSchedule(schedule, lr, rest);
  return schedule.warmup ? new LinearWarmup(inner, { steps: schedule.warmup }) : inner;
}

type Inner = Exclude<TrainingConfig["schedule"], { name: "onecycle" }>;

/** What follows the warmup, for `steps` steps. */
function innerSchedule({ warmup: _, ...schedule }: Inner, lr: number, steps: number): Schedule {
  switch (schedule.name) {
    case "constant":
      return { getLr: () => lr };
    case "step":
      return new StepLR({ lr, ...given(schedule) });
    case "multistep":
      return new MultiStepLR({ lr, ...given(schedule) });
    case "exponential":
      return new ExponentialLR({ lr, ...given(schedule) });
    case "polynomial":
      return new PolynomialLR({ lr, steps, ...given(schedule) });
    case "restarts":
      return new CosineAnnealingWarmRestarts({ lr, ...given(schedule) });
    case "cosine":
      return new CosineSchedule({ lr, steps, ...given(schedule) });
  }
}

type Given<T> = { [K in keyof Omit<T, "name">]: Exclude<T[K], undefined> };

/** Without its name, and without what was left out: defaults stand at the classes. */
const given = <T extends { readonly name: string }>({ name: _, ...options }: T): Given<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;
