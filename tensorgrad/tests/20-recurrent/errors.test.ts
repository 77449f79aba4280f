import { tensor, zeros } from "tensorgrad";
import { GRU, LSTM, LSTMCell, RNN, RNNCell } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";

const double = { dtype: "float64" } as const;

describe("a recurrent network refuses", () => {
  const lstm = new LSTM(3, 5, { numLayers: 2, bidirectional: true });
  const x = zeros([4, 2, 3]);

  it("inputs of another rank or width, of another dtype, and what is no tensor", () => {
    expect(() => lstm.forward(zeros([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LSTM(3 → 5): expected input [T, B, 3] or [T, 3], got [3]]`,
    );
    expect(() => lstm.forward(zeros([4, 2, 4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LSTM(3 → 5): expected input [T, B, 3] or [T, 3], got [4, 2, 4]]`,
    );
    expect(() =>
      new GRU(3, 5, { batchFirst: true }).forward(zeros([3, 2])),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: GRU(3 → 5): expected input [B, T, 3] or [T, 3], got [3, 2]]`,
    );
    expect(() => lstm.forward(zeros([4, 2, 3], double))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LSTM(3 → 5): input float64, weights float32 — both must be the same; use x.to("float32") or model.to("float64")]`,
    );
    expect(() => lstm.forward(tensor([[[1, 2, 3]]]).to("int32"))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LSTM(3 → 5): input int32, weights float32 — both must be the same; use x.to("float32")]`,
    );
    expect(() => lstm.forward([[[1, 2, 3]]] as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LSTM(3 → 5): input is a list — expected a tensor [T, B, 3] or [T, 3]; make one with tensor(…)]`,
    );
  });

  it("sequences without steps", () => {
    expect(() => lstm.forward(zeros([0, 2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LSTM(3 → 5): input [0, 2, 3] has no steps — at least one is needed]`,
    );
  });

  it("states of another shape, dtype or number", () => {
    const h = zeros([4, 2, 5]);
    expect(() => lstm.run(x, { state: [h, zeros([4, 5])] })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LSTM(3 → 5): initial state c [4, 5] for input [4, 2, 3] — expected [4, 2, 5]]`,
    );
    expect(() => lstm.run(x, { state: [zeros([1, 2, 5]), h] })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LSTM(3 → 5): initial state h [1, 2, 5] for input [4, 2, 3] — expected [4, 2, 5]]`,
    );
    expect(() => lstm.run(x, { state: [h, zeros([4, 2, 5], double)] })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LSTM(3 → 5): input float32, initial state c float64 — both must be the same; use state.to("float32")]`,
    );
    expect(() => lstm.run(x, { state: h })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LSTM(3 → 5): 1 initial state — expected [h, c], [4, 2, 5] each]`,
    );
    expect(() => new GRU(3, 5).run(x, { state: [h, h] })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: GRU(3 → 5): 2 initial states — expected one tensor h, [1, 2, 5]]`,
    );
    expect(() => new RNN(3, 5).forward(x, zeros([2, 5]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: RNN(3 → 5): initial state [2, 5] for input [4, 2, 3] — expected [1, 2, 5]]`,
    );
  });

  it("lengths that are not positive, longer than the input, fractions, or of another number", () => {
    expect(() => lstm.run(x, { lengths: [4, 0] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: LSTM(3 → 5): length 0 of sequence 1 — lengths are whole numbers from 1 to the 4 steps of the input]`,
    );
    expect(() => lstm.run(x, { lengths: [5, 1] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: LSTM(3 → 5): length 5 of sequence 0 — lengths are whole numbers from 1 to the 4 steps of the input]`,
    );
    expect(() => lstm.run(x, { lengths: [2.5, 1] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: LSTM(3 → 5): length 2.5 of sequence 0 — lengths are whole numbers from 1 to the 4 steps of the input]`,
    );
    expect(() => lstm.run(x, { lengths: [4] })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LSTM(3 → 5): lengths [1] for a batch of 2 sequences — one length per sequence, [2]]`,
    );
    expect(() =>
      lstm.run(x, { lengths: tensor([[4, 1]], { dtype: "int32" }) }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LSTM(3 → 5): lengths [1, 2] for a batch of 2 sequences — one length per sequence, [2]]`,
    );
    expect(() =>
      lstm.run(x, { lengths: tensor([4, -1], { dtype: "int32" }) }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: LSTM(3 → 5): length -1 of sequence 1 — lengths are whole numbers from 1 to the 4 steps of the input]`,
    );
  });

  it("options it does not know", () => {
    expect(() => new LSTM(3, 5, { num_layers: 2 } as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LSTM: option "num_layers" — options are random, numLayers, bias, batchFirst, dropout, bidirectional; did you mean numLayers?]`,
    );
    expect(() => new LSTM(3, 5, { nonlinearity: "relu" } as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LSTM: option "nonlinearity" — options are random, numLayers, bias, batchFirst, dropout, bidirectional]`,
    );
    expect(() => new RNNCell(3, 5, { numLayers: 2 } as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: RNNCell: option "numLayers" — options are random, bias, nonlinearity]`,
    );
    expect(() => lstm.run(x, { length: [4, 1] } as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LSTM.run: option "length" — known are state, lengths]`,
    );
  });

  it("settings that make no sense", () => {
    expect(() => new LSTM(3, 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: LSTM(3 → 0): sizes must be whole numbers, 1 or more]`,
    );
    expect(() => new GRU(1.5, 2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GRU(1.5 → 2): sizes must be whole numbers, 1 or more]`,
    );
    expect(() => new RNN(3, 5, { numLayers: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RNN: numLayers = 0 — a whole number, 1 or more]`,
    );
    expect(() => new RNN(3, 5, { numLayers: 2, dropout: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RNN: dropout = 1 — a probability from 0 to below 1]`,
    );
    expect(() => new RNN(3, 5, { dropout: 0.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RNN: dropout = 0.5 with one layer — it stands between layers; use numLayers ≥ 2, or new Dropout(0.5) after it]`,
    );
    expect(() => new RNN(3, 5, { nonlinearity: "gelu" as never })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RNN: nonlinearity = "gelu" — "tanh" or "relu"]`,
    );
  });
});

describe("a cell refuses", () => {
  it("what the network refuses", () => {
    const cell = new LSTMCell(3, 5);
    expect(() => cell.forward(zeros([1, 2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LSTMCell(3 → 5): expected input [B, 3], got [1, 2, 3]]`,
    );
    expect(() => cell.step(zeros([2, 4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LSTMCell(3 → 5): expected input [B, 3], got [2, 4]]`,
    );
    expect(() => cell.step(zeros([2, 3]), [zeros([2, 5])])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LSTMCell(3 → 5): 1 initial state — expected [h, c], [2, 5] each]`,
    );
    expect(() => cell.step(zeros([2, 3]), [zeros([2, 5]), zeros([2, 4])])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LSTMCell(3 → 5): initial state c [2, 4] for input [2, 3] — expected [2, 5]]`,
    );
    expect(() => new LSTMCell(0, 5)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: LSTMCell(0 → 5): sizes must be whole numbers, 1 or more]`,
    );
  });
});
