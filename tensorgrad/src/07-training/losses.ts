/** Where the losses of an epoch stand, as plain data. */
export interface LossesState {
  readonly losses: readonly number[];
  /** How many steps each of them stands for; 1 where a state of an older version does not say. */
  readonly stepsPerLoss?: number;
  /** Sum and number of those that are not yet part of a mean. */
  readonly rest?: readonly [sum: number, count: number];
}

/** So many numbers stay of an epoch, and in a trainer's state, however many steps it has. */
const MOST = 1024;

/** The losses of an epoch's steps: each of them, and of more than 1,024 the means of 2, 4, 8, … neighbours. */
export class Losses {
  #values: number[] = [];
  #stepsPerLoss = 1;
  #sum = 0;
  #count = 0;

  add(loss: number): void {
    this.#sum += loss;
    if (++this.#count < this.#stepsPerLoss) return;
    this.#values.push(this.#sum / this.#count);
    [this.#sum, this.#count] = [0, 0];
    if (this.#values.length <= MOST) return;
    const last = this.#values.pop() as number; // begins the next mean
    [this.#sum, this.#count] = [last * this.#stepsPerLoss, this.#stepsPerLoss];
    this.#values = Array.from(
      { length: MOST / 2 },
      (_, i) => (this.#values[2 * i] + this.#values[2 * i + 1]) / 2,
    );
    this.#stepsPerLoss *= 2;
  }

  /** The means so far; the last one may be of fewer steps. */
  get values(): number[] {
    return this.#count ? [...this.#values, this.#sum / this.#count] : [...this.#values];
  }

  get stepsPerLoss(): number {
    return this.#stepsPerLoss;
  }

  stateDict(): Required<LossesState> {
    const [losses, stepsPerLoss] = [[...this.#values], this.#stepsPerLoss];
    return { losses, stepsPerLoss, rest: [this.#sum, this.#count] };
  }

  /** Goes on where `stateDict` was taken. */
  static from({ losses, stepsPerLoss = 1, rest = [0, 0] }: LossesState): Losses {
    const made = new Losses();
    if (losses.length > MOST)
      for (const loss of losses) made.add(loss); // of an older version
    else [made.#values, made.#stepsPerLoss, [made.#sum, made.#count]] = [[...losses], stepsPerLoss, rest];
    return made;
  }
}
