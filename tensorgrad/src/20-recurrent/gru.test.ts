import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../01-tensor/index.ts";
import { GRU, GRUCell } from "./index.ts";

const double = { dtype: "float64" } as const;
const LN3 = Math.log(3); // σ(ln 3) = 3/4, tanh ln 3 = 0.8

describe("GRUCell", () => {
  it("mixes what was there with a candidate", () => {
    const cell = new GRUCell(1, 1, { bias: false }).to("float64");
    // r = 1/2, z = 1/4, n = tanh(ln 3)
    cell.loadStateDict({
      weight_ih: tensor([[0], [-LN3], [LN3]], double),
      weight_hh: zeros([3, 1], double),
    });
    expect(cell.forward(tensor([[1]], double), tensor([[2]], double)).item()).toBeCloseTo(
      0.75 * 0.8 + 0.25 * 2,
      15,
    );
  });

  it("resets after the product with R, its bias included", () => {
    const cell = new GRUCell(1, 1).to("float64");
    cell.loadStateDict({
      weight_ih: zeros([3, 1], double),
      weight_hh: tensor([[0], [0], [1]], double),
      bias_ih: tensor([-LN3, -40, 0], double), // r = 1/4, z = 0
      bias_hh: tensor([0, 0, 4 * LN3 - 1], double),
    });
    // n = tanh(r·(R·h + b′)) = tanh(¼·(1 + 4 ln 3 − 1))
    expect(cell.forward(tensor([[0]], double), tensor([[1]], double)).item()).toBeCloseTo(0.8, 14);
  });
});

describe("GRU", () => {
  it("carries its state past steps whose z is open", () => {
    const gru = new GRU(1, 1, { bias: false }).to("float64");
    // z = σ(40·x): 1 for x = 1
    gru.loadStateDict({
      weight_ih_l0: tensor([[0], [40], [0]], double),
      weight_hh_l0: tensor([[0], [0], [0]], double),
    });
    const h = gru.forward(tensor([[1], [1], [0]], double), tensor([[0.5]], double));
    expect(h.toArray()).toEqual([[0.5], [0.5], [0.25]]);
  });
});
