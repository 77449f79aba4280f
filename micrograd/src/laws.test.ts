import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { trace } from "./graph.ts";
import { seeded } from "./random.ts";
import { topologicalSort, type Value, v } from "./value.ts";

describe("the gradient of a random program", () => {
  it("equals the tangents of forward mode, which needs no graph and no order", () => {
    fc.assert(
      fc.property(programs(), ({ inputs, program }) => {
        const { leaves, root } = build(program, inputs);
        fc.pre(Math.abs(root.data) < 1e6);
        const { scale } = differentiate(root);
        leaves.forEach((leaf, i) => {
          expectClose(leaf.grad, tangent(program, inputs, i), 1e-10 * scale);
        });
      }),
      { numRuns: 500 },
    );
  });

  it("equals central finite differences where the program is smooth", () => {
    fc.assert(
      fc.property(programs("relu"), ({ inputs, program }) => {
        const { leaves, root } = build(program, inputs);
        const { scale } = differentiate(root);
        fc.pre(scale < 1e4);
        leaves.forEach((leaf, i) => {
          const { slope, error } = finiteDifference((h) => evaluate(program, shifted(inputs, i, h)));
          fc.pre(error < 1e-5 * scale); // too curved to be measured with these steps
          expectClose(leaf.grad, slope, 1e-7 * scale + 10 * error);
        });
      }),
      { numRuns: 500 },
    );
  });

  it("does not depend on the order in which the graph was built", () => {
    fc.assert(
      fc.property(programs(), fc.nat(), ({ inputs, program }, seed) => {
        const first = build(program, inputs);
        const second = build(program, inputs, shuffledOrder(program, inputs.length, seed));
        const { scale } = differentiate(first.root);
        second.root.backward();
        expect(second.root.data).toBe(first.root.data);
        first.leaves.forEach((leaf, i) => {
          expectClose(second.leaves[i]!.grad, leaf.grad, 1e-12 * scale); // sums are taken in another order
        });
      }),
      { numRuns: 300 },
    );
  });

  it("is linear: ∇(α·f + β·g) = α·∇f + β·∇g", () => {
    fc.assert(
      fc.property(programs(), grid, grid, ({ inputs, program }, alpha, beta) => {
        const { leaves, nodes, root: f } = build(program, inputs);
        const g = nodes[Math.floor(nodes.length / 2)]!;
        const [df, dg, sum] = [f, g, f.mul(alpha).add(g.mul(beta))].map((root) => {
          for (const leaf of leaves) leaf.grad = 0;
          const { scale } = differentiate(root);
          return { grads: leaves.map((leaf) => leaf.grad), scale };
        });
        const scale = 1 + Math.abs(alpha) * df!.scale + Math.abs(beta) * dg!.scale;
        leaves.forEach((_leaf, i) => {
          expectClose(sum!.grads[i]!, alpha * df!.grads[i]! + beta * dg!.grads[i]!, 1e-11 * scale);
        });
      }),
    );
  });

  it("of one input used twice is the sum of the gradients of two inputs used once", () => {
    fc.assert(
      fc.property(programs(), ({ inputs, program }) => {
        const equal = inputs.map(() => inputs[0]!);
        const separate = build(program, equal);
        const { scale } = differentiate(separate.root);
        const x = v(inputs[0]!);
        const shared = run(
          program,
          equal.map(() => x),
        );
        shared.at(-1)!.backward();
        expectClose(
          x.grad,
          separate.leaves.reduce((sum, leaf) => sum + leaf.grad, 0),
          1e-11 * scale,
        );
      }),
    );
  });

  it("doubles at the leaves on a second pass, and stays in between", () => {
    fc.assert(
      fc.property(programs(), ({ inputs, program }) => {
        const { leaves, root } = build(program, inputs);
        const { scale } = differentiate(root);
        const once = leaves.map((leaf) => leaf.grad);
        const inner = topologicalSort(root).filter((node) => node.op);
        const before = inner.map((node) => node.grad);
        root.backward();
        leaves.forEach((leaf, i) => {
          expectClose(leaf.grad, 2 * once[i]!, 1e-12 * scale);
        });
        expect(inner.map((node) => node.grad)).toEqual(before);
      }),
    );
  });
});

describe("the order of a backward pass", () => {
  it("visits every node once, after all that use it; what a node received is its gradient", () => {
    fc.assert(
      fc.property(programs(), ({ inputs, program }) => {
        const { root } = build(program, inputs);
        const received = new Map<Value, number>([[root, 1]]);
        const visited = new Set<Value>();
        for (const { node, grad, contributions } of trace(root)) {
          expect(visited.has(node)).toBe(false);
          visited.add(node);
          expect(received.get(node)).toBe(grad);
          node.prev.forEach((input, i) => {
            expect(visited.has(input)).toBe(false);
            received.set(input, (received.get(input) ?? 0) + contributions[i]!);
          });
        }
        expect(new Set(topologicalSort(root))).toEqual(visited);
      }),
    );
  });
});

// ── random programs: straight-line code over three inputs, reusing earlier results at will ──

/** Halves, quarters, …: numbers that are exact and short in counterexamples. */
const grid = fc.integer({ min: -2048, max: 2048 }).map((n) => n / 1024);

type Operation = keyof typeof operations;
type Instruction = { operation: Operation; x: number; y: number };

/** Each operation on values and, independently, on [value, tangent] pairs. Arguments of log, div and pow are kept above 1. */
const operations = {
  add: {
    values: (x: Value, y: Value) => x.add(y),
    duals: ([x, dx]: Dual, [y, dy]: Dual): Dual => [x + y, dx + dy],
  },
  sub: {
    values: (x: Value, y: Value) => x.sub(y),
    duals: ([x, dx]: Dual, [y, dy]: Dual): Dual => [x - y, dx - dy],
  },
  mul: {
    values: (x: Value, y: Value) => x.mul(y),
    duals: ([x, dx]: Dual, [y, dy]: Dual): Dual => [x * y, dx * y + x * dy],
  },
  div: {
    values: (x: Value, y: Value) => x.div(y.mul(y).add(1)),
    duals: ([x, dx]: Dual, [y, dy]: Dual): Dual => {
      const d = y * y + 1;
      return [x * (1 / d), (dx * d - x * 2 * y * dy) / (d * d)];
    },
  },
  pow: {
    values: (x: Value, y: Value) => x.mul(x).add(1).pow(y.tanh()),
    duals: ([x, dx]: Dual, [y, dy]: Dual): Dual => {
      const [b, e] = [x * x + 1, Math.tanh(y)];
      const power = b ** e;
      return [power, power * ((1 - e * e) * dy * Math.log(b) + (e * 2 * x * dx) / b)];
    },
  },
  square: { values: (x: Value) => x.pow(2), duals: ([x, dx]: Dual): Dual => [x ** 2, 2 * x * dx] },
  neg: { values: (x: Value) => x.neg(), duals: ([x, dx]: Dual): Dual => [-x, -dx] },
  relu: { values: (x: Value) => x.relu(), duals: ([x, dx]: Dual): Dual => (x > 0 ? [x, dx] : [0, 0]) },
  sqrt: {
    values: (x: Value) => x.mul(x).add(1).sqrt(),
    duals: ([x, dx]: Dual): Dual => [Math.sqrt(x * x + 1), (x * dx) / Math.sqrt(x * x + 1)],
  },
  tanh: {
    values: (x: Value) => x.tanh(),
    duals: ([x, dx]: Dual): Dual => [Math.tanh(x), dx / Math.cosh(x) ** 2],
  },
  sigmoid: {
    values: (x: Value) => x.sigmoid(),
    duals: ([x, dx]: Dual): Dual => [1 / (1 + Math.exp(-x)), dx / (2 + Math.exp(x) + Math.exp(-x))],
  },
  exp: {
    values: (x: Value) => x.tanh().exp(),
    duals: ([x, dx]: Dual): Dual => [
      Math.exp(Math.tanh(x)),
      (Math.exp(Math.tanh(x)) * dx) / Math.cosh(x) ** 2,
    ],
  },
  log: {
    values: (x: Value) => x.mul(x).add(1).log(),
    duals: ([x, dx]: Dual): Dual => [Math.log(x * x + 1), (2 * x * dx) / (x * x + 1)],
  },
};

type Dual = readonly [value: number, tangent: number];

function programs(...without: Operation[]) {
  const names = (Object.keys(operations) as Operation[]).filter((name) => !without.includes(name));
  const instruction = fc.record({ operation: fc.constantFrom(...names), x: fc.nat(), y: fc.nat() });
  return fc
    .record({
      inputs: fc.tuple(grid, grid, grid),
      program: fc.array(instruction, { minLength: 1, maxLength: 12 }),
    })
    .map(({ inputs, program }) => ({
      inputs,
      program: program.map(({ operation, x, y }, i) => ({
        operation,
        x: x % (inputs.length + i),
        y: y % (inputs.length + i),
      })),
    }));
}

function run(
  program: readonly Instruction[],
  leaves: readonly Value[],
  order = program.map((_, i) => i),
): Value[] {
  const nodes: Value[] = [...leaves];
  for (const i of order) {
    const { operation, x, y } = program[i]!;
    nodes[leaves.length + i] = operations[operation].values(nodes[x]!, nodes[y]!);
  }
  return nodes;
}

function build(program: readonly Instruction[], inputs: readonly number[], order?: number[]) {
  const leaves = inputs.map((x) => v(x));
  const nodes = run(program, leaves, order);
  return { leaves, nodes, root: nodes.at(-1)! };
}

function evaluate(program: readonly Instruction[], inputs: readonly number[]): number {
  return build(program, inputs).root.data;
}

/** d root / d input i, by pushing one tangent forward. */
function tangent(program: readonly Instruction[], inputs: readonly number[], i: number): number {
  const duals: Dual[] = inputs.map((x, j) => [x, i === j ? 1 : 0]);
  for (const { operation, x, y } of program) duals.push(operations[operation].duals(duals[x]!, duals[y]!));
  return duals.at(-1)![1];
}

/** A backward pass, and the size of what was added up on the way: the yardstick for rounding. */
function differentiate(root: Value): { scale: number } {
  let scale = 1 + Math.abs(root.data);
  for (const { contributions } of trace(root))
    scale += contributions.reduce((sum, c) => sum + Math.abs(c), 0);
  return { scale };
}

/** Fourth-order central differences at two step sizes: the slope, and how far the two disagree. */
function finiteDifference(f: (h: number) => number): { slope: number; error: number } {
  const central = (h: number) => (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
  const slope = central(1e-3);
  return { slope, error: Math.abs(slope - central(2e-3)) };
}

function shifted(inputs: readonly number[], i: number, h: number): number[] {
  return inputs.map((x, j) => (i === j ? x + h : x));
}

/** A random order of the instructions in which each still comes after those it uses. */
function shuffledOrder(program: readonly Instruction[], inputs: number, seed: number): number[] {
  const random = seeded(seed);
  const order: number[] = [];
  const ready = (i: number) => {
    const { x, y } = program[i]!;
    return !order.includes(i) && [x, y].every((j) => j < inputs || order.includes(j - inputs));
  };
  while (order.length < program.length) {
    const candidates = program.map((_, i) => i).filter(ready);
    order.push(candidates[Math.floor(random() * candidates.length)]!);
  }
  return order;
}

function expectClose(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThanOrEqual(tolerance);
}
