import { fromArray, noGrad, type Random, scope, type Tensor } from "tensorgrad";
import type { WordList } from "tensorgrad/data";
import { crossEntropy, Embedding, GRU, Linear, LSTM, Module, RNN } from "tensorgrad/nn";
import { AdamW, clipGradNorm } from "tensorgrad/optim";

/** A name begins and ends with number 0; the letters are 1 to 26. */
export const LETTERS = 26;
const IGNORED = -100;

export type Cell = "RNN" | "LSTM" | "GRU";
const networks = { RNN, LSTM, GRU } as const;

/** The numbers of a name's letters, between a 0 and a 0. */
export const numbersOf = (name: string): number[] => [
  0,
  ...Array.from(name, (letter) => letter.charCodeAt(0) - 96),
  0,
];

/** Names letter by letter: which one follows the ones so far. */
export class NameModel extends Module {
  readonly embedding: Embedding;
  readonly network: RNN | LSTM | GRU;
  readonly head: Linear;

  constructor(cell: Cell, hidden: number, random: Random) {
    super();
    this.embedding = new Embedding(LETTERS + 1, hidden / 4, { random });
    this.network = new networks[cell](hidden / 4, hidden, { random });
    this.head = new Linear(hidden, LETTERS + 1, { random });
  }

  /** Letters [T, B] → logits of the letter after each, [T, B, 27] */
  override forward(letters: Tensor): Tensor {
    return this.head.forward(this.network.forward(this.embedding.forward(letters)));
  }

  /** One letter further, for each of B names: logits [B, 27], and the states to go on with. */
  next(letters: Tensor, state: readonly Tensor[]): { logits: Tensor; state: Tensor[] } {
    const x = this.embedding.forward(letters.unsqueeze(0)); // [1, B, hidden/4]
    const run = this.network.run(x, state.length > 0 ? { state } : {});
    return { logits: this.head.forward(run.output.select(0, 0)), state: run.state };
  }
}

/** Names side by side, one a column, filled up at the end: letters, and the ones that follow (−100 for none). */
export function columnsOf(names: readonly string[]): { x: Tensor; y: Tensor } {
  const rows = names.map(numbersOf);
  const [T, B] = [Math.max(...rows.map(({ length }) => length)) - 1, names.length];
  const [x, y] = [new Int32Array(T * B), new Int32Array(T * B).fill(IGNORED)];
  for (const [b, row] of rows.entries()) {
    for (let t = 0; t + 1 < row.length; t++) [x[t * B + b], y[t * B + b]] = [row[t], row[t + 1]];
  }
  return { x: fromArray(x, [T, B]), y: fromArray(y, [T * B]) };
}

const lossOf = (model: NameModel, names: readonly string[], reduction: "mean" | "sum"): Tensor => {
  const { x, y } = columnsOf(names);
  return crossEntropy(model.forward(x).reshape(-1, LETTERS + 1), y, { reduction, ignoreIndex: IGNORED });
};

/** Bits per letter of names that were not trained on; the end of a name counts as a letter. */
export function bitsPerLetter(model: NameModel, { words }: WordList): number {
  let [nats, letters] = [0, 0];
  for (let i = 0; i < words.length; i += 512) {
    using _ = scope();
    const part = words.slice(i, i + 512);
    nats += noGrad(() => lossOf(model, part, "sum")).item();
    for (const name of part) letters += name.length + 1;
  }
  return nats / letters / Math.LN2;
}

export interface Course {
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly onEpoch?: (epoch: number, bits: number) => void;
}

/** AdamW; the rate falls linearly to zero. Gradients are cut at norm 1: now and then one is long. */
export function trainNames(
  model: NameModel,
  { words }: WordList,
  random: Random,
  { epochs, batchSize, lr, onEpoch = () => {} }: Course,
): void {
  const optimizer = new AdamW(model.parameters(), { lr, weightDecay: 0.01 });
  const perEpoch = Math.floor(words.length / batchSize);
  for (let step = 0; step < epochs * perEpoch; step++) {
    using _ = scope();
    optimizer.groups[0].settings.lr = lr * (1 - step / (epochs * perEpoch));
    const names = Array.from({ length: batchSize }, () => words[random.integer(words.length)]);
    optimizer.zeroGrad();
    const loss = lossOf(model, names, "mean");
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    if ((step + 1) % perEpoch === 0) onEpoch((step + 1) / perEpoch, loss.item() / Math.LN2);
  }
}

/** Draws names letter by letter, all at once, until each has ended or has `most` letters. */
export function drawNames(model: NameModel, count: number, random: Random, most = 20): string[] {
  using _ = scope();
  return noGrad(() => {
    const names = new Array<string>(count).fill("");
    const open = new Uint8Array(count).fill(1);
    let letters = new Int32Array(count);
    let state: Tensor[] = [];
    for (let t = 0; t < most && open.includes(1); t++) {
      const step = model.next(fromArray(letters, [count]), state);
      state = step.state;
      const chances = step.logits.sub(step.logits.logSumExp(1, { keepDim: true })).exp().data;
      letters = Int32Array.from(letters, (_, b) => draw(chances, b * (LETTERS + 1), random.uniform()));
      for (const [b, letter] of letters.entries()) {
        if (letter === 0) open[b] = 0;
        if (open[b]) names[b] += String.fromCharCode(96 + letter);
      }
    }
    return names;
  });
}

/** The number at which the sum of the chances passes u. */
function draw(chances: ArrayLike<number>, start: number, u: number): number {
  let left = u;
  for (let k = 0; k < LETTERS; k++) {
    left -= chances[start + k];
    if (left < 0) return k;
  }
  return LETTERS;
}
