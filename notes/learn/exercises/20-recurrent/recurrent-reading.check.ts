import { type Tensor, tensor, zeros } from "tensorgrad";
import { LSTMCell } from "tensorgrad/nn";
import { asked } from "../compare.ts";

const L3 = Math.log(3);

/** A cell of one number whose gates have these sums in every step. */
function cellOf(...sums: number[]): LSTMCell {
  const cell = new LSTMCell(1, 1, { bias: false });
  cell.loadStateDict({ weight_ih: tensor(sums.map((sum) => [sum])), weight_hh: zeros([4, 1]) });
  return cell;
}

function after(steps: number, cell: LSTMCell, c: Tensor): Tensor {
  let state: Tensor[] = [zeros([1, 1]), c];
  for (let t = 0; t < steps; t++) state = cell.step(tensor([[1]]), state);
  return state[1];
}

export const { checks, solution } = asked({
  cell: ["the cell after one step", () => after(1, cellOf(-L3, L3, L3, 0), tensor([[2]])).item(), 1e-4],
  along: [
    "the slope along three steps",
    () => {
      const start = tensor([[1]], { requiresGrad: true });
      after(3, cellOf(0, L3, 0, 0), start)
        .sum()
        .backward();
      return start.grad?.item() ?? 0;
    },
    2e-3,
  ],
  kept: ["numbers kept per cell and step", () => 4 + 2],
});
