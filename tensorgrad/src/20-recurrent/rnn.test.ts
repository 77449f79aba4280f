import { describe, expect, it } from "vitest";
import { tensor } from "../01-tensor/index.ts";
import { RNN, RNNCell } from "./index.ts";

const double = { dtype: "float64" } as const;
const LN3 = Math.log(3); // tanh ln 3 = (9 − 1)/(9 + 1)

describe("RNNCell", () => {
  it("is tanh of what comes in and what was there", () => {
    const cell = new RNNCell(1, 1).to("float64");
    cell.loadStateDict({
      weight_ih: tensor([[LN3]], double),
      weight_hh: tensor([[1]], double),
      bias_ih: tensor([0.25], double),
      bias_hh: tensor([-0.25], double),
    });
    expect(cell.forward(tensor([[1]], double)).item()).toBeCloseTo(0.8, 15);
    // z = 0·ln 3 + 1·ln 3 + 0.25 − 0.25
    expect(cell.forward(tensor([[0]], double), tensor([[LN3]], double)).item()).toBeCloseTo(0.8, 15);
  });

  it("is relu of it on request", () => {
    const cell = new RNNCell(1, 2, { nonlinearity: "relu", bias: false });
    cell.loadStateDict({
      weight_ih: tensor([[2], [-2]]),
      weight_hh: tensor([
        [1, 0],
        [0, 1],
      ]),
    });
    expect(cell.step(tensor([[3]]), [tensor([[10, 10]])])[0].toArray()).toEqual([[16, 4]]);
    expect(cell.forward(tensor([[3]])).toArray()).toEqual([[6, 0]]);
  });
});

describe("RNN", () => {
  it("passes h on from step to step: here it adds up what it has seen", () => {
    const rnn = new RNN(1, 1, { nonlinearity: "relu", bias: false });
    rnn.loadStateDict({ weight_ih_l0: tensor([[1]]), weight_hh_l0: tensor([[1]]) });
    const { output, state } = rnn.run(tensor([[1], [2], [3]]));
    expect(output.toArray()).toEqual([[1], [3], [6]]);
    expect(state[0].toArray()).toEqual([[6]]);
  });

  it("reads backwards with a second set of weights", () => {
    const rnn = new RNN(1, 1, { nonlinearity: "relu", bias: false, bidirectional: true });
    const one = tensor([[1]]);
    rnn.loadStateDict({
      weight_ih_l0: one,
      weight_hh_l0: one,
      weight_ih_l0_reverse: one,
      weight_hh_l0_reverse: one,
    });
    const { output, state } = rnn.run(tensor([[1], [2], [3]]));
    expect(output.toArray()).toEqual([
      [1, 6],
      [3, 5],
      [6, 3],
    ]);
    expect(state[0].toArray()).toEqual([[6], [6]]);
  });
});
