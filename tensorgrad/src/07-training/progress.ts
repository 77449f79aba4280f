/** Which epoch a pass belongs to, counted from 1. */
export interface Position {
  readonly epoch: number;
  readonly epochs: number;
}

/** Means over the examples of a whole pass. */
export interface PassResult {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Batches; where gradients are accumulated, several of them make one step of the optimizer. */
  readonly steps: number;
  readonly examples: number;
  readonly seconds: number;
}

export interface TrainResult extends PassResult {
  /** The loss of every step of the optimizer, before the step; of more than 1,024 steps means of neighbours. */
  readonly losses: readonly number[];
  /** How many steps each of the losses stands for: 1, 2, 4, … */
  readonly stepsPerLoss: number;
}

/** What an epoch gave: its number, losses and measures. */
export interface EpochResult {
  readonly epoch: number;
  readonly train: TrainResult;
  readonly validation: PassResult | null;
}

/** What a progress display is told: the means so far, and where the pass is. */
export interface Progress extends PassResult, Position {
  readonly phase: "train" | "evaluate";
  /** How many steps the pass will have, or null where the batches do not say. */
  readonly totalSteps: number | null;
  /** The loss of this step alone. */
  readonly stepLoss: number;
  /** Bytes that this step left on the tensor heap: none, but for a model's first step, which brings the gradients. */
  readonly heapGrowth: number;
  /** True in the one call that ends a pass. */
  readonly done: boolean;
}
