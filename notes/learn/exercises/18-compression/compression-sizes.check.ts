import { Random } from "tensorgrad";
import { lowRank, magnitudePrune, measureSparsity } from "tensorgrad/compression";
import { Linear, Sequential } from "tensorgrad/nn";
import { countFlops, countParameters } from "tensorgrad/profiling";
import { asked } from "../compare.ts";

const network = (): Sequential => new Sequential(new Linear(40, 25, { bias: false, random: new Random(1) }));

function pruned(): Sequential {
  const model = network();
  magnitudePrune(model, { sparsity: 0.9 });
  return model;
}

function parametersOf(rank: number): number {
  const model = network();
  lowRank(model, { ranks: { "0": rank } });
  return countParameters(model);
}

/** By one singular value decomposition: what other ranks leave follows from that of rank 1. */
const perRank = (): number => parametersOf(1);

export const { checks, solution } = asked({
  stored: ["bytes of the pruned layer, stored", () => measureSparsity(pruned()).bytes.sparse],
  products: ["multiply-adds of the pruned layer", () => countFlops(pruned(), [1, 40]).multiplyAdds],
  lowRank: ["parameters at rank 10", () => parametersOf(10)],
  largestRank: ["the largest rank that saves parameters", () => Math.ceil(1000 / perRank()) - 1],
});
