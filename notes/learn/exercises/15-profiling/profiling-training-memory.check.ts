import { Linear, Sequential, Tanh } from "tensorgrad/nn";
import { Adam } from "tensorgrad/optim";
import { countFlops, type MemoryUse, measureMemory } from "tensorgrad/profiling";
import { asked } from "../compare.ts";

const network = (): Sequential => new Sequential(new Linear(100, 50), new Tanh(), new Linear(50, 10));

function memory(): MemoryUse {
  const model = network();
  const optimizer = new Adam(model.parameters(), { lr: 0.001 });
  return measureMemory(model, [32, 100], { optimizer }).predicted;
}

export const { checks, solution } = asked({
  parameters: ["bytes of the parameters", () => memory().parameters],
  adam: ["bytes that Adam keeps", () => memory().optimizerState],
  activations: ["bytes of the activations", () => memory().activations, 0.01],
  multiplyAdds: ["multiply-adds of a forward pass", () => countFlops(network(), [32, 100]).multiplyAdds],
});
