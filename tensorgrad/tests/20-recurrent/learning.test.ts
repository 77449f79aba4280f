import { fromArray, Random, randint, scope, type Tensor, zeros } from "tensorgrad";
import { crossEntropy, GRU, Linear, LSTM, Module, type RNN } from "tensorgrad/nn";
import { Adam } from "tensorgrad/optim";
import { describe, expect, it } from "vitest";

const SYMBOLS = 4;
const LENGTH = 6;

/** Reads a sequence of symbols and names the first one: all others are there to be ignored. */
class FirstSymbol extends Module {
  readonly network: RNN | LSTM | GRU;
  readonly head: Linear;
  constructor(kind: typeof RNN | typeof LSTM | typeof GRU, random: Random) {
    super();
    this.network = new kind(SYMBOLS, 16, { random });
    this.head = new Linear(16, SYMBOLS, { random });
  }
  override forward(x: Tensor): Tensor {
    const [h] = this.network.run(x).state; // [1, B, 16]
    return this.head.forward(h.select(0, 0));
  }
}

/** The share that is right among sequences never seen, after so many batches of 32. */
function learned(kind: typeof RNN | typeof LSTM | typeof GRU, steps: number, seed: number): number {
  const random = new Random(seed);
  const model = new FirstSymbol(kind, random);
  const optimizer = new Adam(model.parameters(), { lr: 0.03 });
  const batch = (B: number) => {
    const symbols = randint(0, SYMBOLS, [LENGTH, B], { random });
    const x = zeros([LENGTH * B, SYMBOLS]).data;
    symbols.data.forEach((symbol, i) => {
      x[i * SYMBOLS + symbol] = 1;
    });
    return { x: fromArray(x, [LENGTH, B, SYMBOLS]), y: symbols.select(0, 0) };
  };
  for (let step = 0; step < steps; step++) {
    using _ = scope();
    const { x, y } = batch(32);
    optimizer.zeroGrad();
    crossEntropy(model.forward(x), y).backward();
    optimizer.step();
  }
  const { x, y } = batch(500);
  return model.forward(x).argmax(1).eq(y).to("float32").mean().item();
}

describe("the first of six symbols is remembered", () => {
  for (const kind of [LSTM, GRU]) {
    it(`by ${kind.name}, on each of three seeds`, () => {
      for (const seed of [1, 2, 3]) expect(learned(kind, 200, seed)).toBeGreaterThan(0.98);
    });
  }

  it("not without training", () => {
    expect(learned(LSTM, 0, 1)).toBeLessThan(0.5);
  });
});
