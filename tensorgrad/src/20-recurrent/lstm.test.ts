import { describe, expect, it } from "vitest";
import { heap, scope } from "../00-runtime/index.ts";
import { ones, tensor, zeros } from "../01-tensor/index.ts";
import { LSTM, LSTMCell } from "./index.ts";

const double = { dtype: "float64" } as const;
const LN3 = Math.log(3); // σ(ln 3) = 3/4, tanh ln 3 = 0.8

describe("LSTMCell", () => {
  /** i = 3/4, f = 1/4, g = 0.8, o = 3/4 for x = 1 and h = 0 */
  const cell = new LSTMCell(1, 1, { bias: false }).to("float64");
  cell.loadStateDict({
    weight_ih: tensor([[LN3], [-LN3], [LN3], [LN3]], double),
    weight_hh: zeros([4, 1], double),
  });
  const x = tensor([[1]], double);

  it("writes i·g into an empty cell", () => {
    const [h, c] = cell.step(x);
    expect(c.item()).toBeCloseTo(0.75 * 0.8, 15);
    expect(h.item()).toBeCloseTo(0.75 * Math.tanh(0.6), 15);
  });

  it("keeps f of what was in it, and shows o of tanh c", () => {
    const before = 4 * (LN3 - 0.6); // so that f·c + i·g = ln 3
    const [h, c] = cell.step(x, [zeros([1, 1], double), tensor([[before]], double)]);
    expect(c.item()).toBeCloseTo(LN3, 15);
    expect(h.item()).toBeCloseTo(0.75 * 0.8, 15);
  });

  it("gives h alone by forward", () => {
    const states = [zeros([1, 1], double), tensor([[0.5]], double)];
    expect(cell.forward(x, ...states).item()).toBe(cell.step(x, states)[0].item());
  });

  it("passes the gradient of c on by f alone", () => {
    const c = tensor([[0.5]], { ...double, requiresGrad: true });
    cell
      .step(x, [zeros([1, 1], double), c])[1]
      .sum()
      .backward();
    expect(c.grad?.item()).toBeCloseTo(0.25, 15);
  });

  it("takes a single example without a batch", () => {
    const [h, c] = cell.step(tensor([1], double));
    expect([h.shape, c.shape]).toEqual([[1], [1]]);
    expect(c.item()).toBeCloseTo(0.6, 15);
  });
});

describe("LSTM", () => {
  it("remembers for as long as its forget gate is open", () => {
    const lstm = new LSTM(1, 1).to("float64");
    // f = σ(40) = 1, i = σ(−40) = 0: nothing enters, nothing leaves
    const bias = tensor([-40, 40, 0, 40], double);
    lstm.loadStateDict({
      weight_ih_l0: ones([4, 1], double),
      weight_hh_l0: ones([4, 1], double),
      bias_ih_l0: bias,
      bias_hh_l0: zeros([4], double),
    });
    const state = [zeros([1, 1], double), tensor([[0.5]], double)];
    const { state: after } = lstm.run(zeros([1000, 1], double), { state });
    expect(after[1].item()).toBeCloseTo(0.5, 10);
    expect(after[0].item()).toBeCloseTo(Math.tanh(0.5), 10);
  });

  it("says what it is made of", () => {
    expect(String(new LSTM(3, 5, { numLayers: 2, dropout: 0.1, batchFirst: true }))).toMatchInlineSnapshot(`
      "LSTM(3 → 5, numLayers: 2, batchFirst, dropout: 0.1) — 440 parameters: weight_ih_l0 [20, 3], weight_hh_l0 [20, 5], bias_ih_l0 [20], bias_hh_l0 [20], weight_ih_l1 [20, 5], weight_hh_l1 [20, 5], bias_ih_l1 [20], bias_hh_l1 [20]
        dropout: Dropout(p: 0.1)"
    `);
    expect(String(new LSTMCell(3, 5, { bias: false }))).toMatchInlineSnapshot(
      `"LSTMCell(3 → 5, bias: false) — 160 parameters: weight_ih [20, 3], weight_hh [20, 5]"`,
    );
  });

  it("keeps six numbers per cell and step for backward: gates, c and h", () => {
    const lstm = new LSTM(8, 32);
    const x = ones([64, 4, 8]);
    using _ = scope();
    const before = heap.live;
    lstm.forward(x);
    const numbers = (heap.live - before) / 4 / (64 * 4 * 32);
    expect(numbers).toBeGreaterThanOrEqual(6);
    expect(numbers).toBeLessThan(6.2); // two rows of zeros, one of biases
  });
});
