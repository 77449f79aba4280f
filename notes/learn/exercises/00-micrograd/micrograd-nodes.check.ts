import { MLP, topologicalSort, type Value } from "micrograd";
import { asked } from "../compare.ts";

const graph = (): Value[] => topologicalSort(new MLP(2, [3, 1]).forward([1, 2])[0]);

export const { checks, solution } = asked({
  leaves: ["nodes without inputs, counted", () => graph().filter(({ prev }) => prev.length === 0).length],
  nodes: ["all nodes, counted", () => graph().length],
});
