import assert from "node:assert/strict";
import { topologicalSort, type Value, v } from "micrograd";
import type { Checks, Probes } from "../../exercise.ts";
import { tried } from "../compare.ts";

/** a reaches the root by a short way and by a long one. */
function twoWays(): Value {
  const a = v(1, "a");
  const long = a.mul(2).add(3).mul(a);
  return long.add(a);
}

/** Twelve doublings: 2¹² ways from the root to the leaf. */
function doublings(): Value {
  let x = v(1);
  for (let i = 0; i < 12; i++) x = x.add(x);
  return x;
}

function chain(length: number): Value {
  let x = v(1);
  for (let i = 0; i < length; i++) x = x.exp();
  return x;
}

/** How many inputs come after the node that uses them. */
function late(order: readonly Value[]): number {
  const place = new Map(order.map((node, i) => [node, i]));
  const uses = order.flatMap((node) => node.prev.map((input) => [input, node] as const));
  return uses.filter(([input, node]) => place.get(input)! > place.get(node)!).length;
}

export const checks: Checks = {
  "every node comes after its inputs": () => {
    const count = late(topologicalSort(twoWays()));
    assert.equal(count, 0, `(2a + 3)·a + a: ${count} inputs come after a node that uses them, expected none`);
  },
  "every node comes once": () => {
    const { length } = topologicalSort(doublings());
    assert.equal(length, 13, `x + x, twelve times over: got ${length} nodes, expected 13`);
  },
  "a chain of 12,000 nodes is no problem": () => {
    const { length } = topologicalSort(chain(12_000));
    assert.equal(length, 12_001, `a chain of 12,000 operations: got ${length} nodes, expected 12,001`);
  },
};

export const probes: Probes = () => [
  ...tried(() => late(topologicalSort(twoWays()))),
  ...tried(() => topologicalSort(doublings()).length),
  ...tried(() => topologicalSort(chain(12_000)).length),
];
