import { type Tensor, tensor, zeros } from "tensorgrad";
import { GRU, LSTM, type Module, RNN } from "tensorgrad/nn";
import { asked } from "../compare.ts";

const count = (layer: Module): number => layer.parameters().reduce((sum, { size }) => sum + size, 0);

/** What reaches the first state of an RNN that halves its state, from so many steps later. */
function reaching(steps: number): number {
  const rnn = new RNN(1, 1, { bias: false, nonlinearity: "relu", batchFirst: false });
  for (const p of rnn.parameters()) p.assign(tensor([[0.5]]));
  const start: Tensor = tensor([[[1]]], { requiresGrad: true });
  rnn
    .run(zeros([steps, 1, 1]), { state: [start] })
    .state[0].sum()
    .backward();
  return start.grad?.item() ?? 0;
}

function reach(): number {
  let steps = 1;
  while (reaching(steps) >= 1e-3) steps++;
  return steps;
}

export const { checks, solution } = asked({
  rnn: ["parameters of the RNN", () => count(new RNN(20, 30))],
  lstm: ["parameters of the LSTM", () => count(new LSTM(20, 30))],
  gru: ["parameters of the GRU", () => count(new GRU(20, 30))],
  reach: ["steps until the gradient is below 1/1000", reach],
});
