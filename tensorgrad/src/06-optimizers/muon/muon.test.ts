import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heap, Random, scope } from "../../00-runtime/index.ts";
import { fromArray, randn, type Tensor, zeros } from "../../01-tensor/index.ts";
import "tensorgrad";
import { Muon, type MuonSettings, orthogonalize } from "../index.ts";

type Matrix = number[][];

describe("orthogonalize", () => {
  it("follows the polynomial for a single number: x/|x|, then five times 3.4445·s − 4.775·s³ + 2.0315·s⁵", () => {
    let s = 1 / (1 + 1e-7 / 3);
    for (let i = 0; i < 5; i++) s = 3.4445 * s - 4.775 * s ** 3 + 2.0315 * s ** 5;
    const y = orthogonalize(fromArray([-3], [1, 1], { dtype: "float64" }));
    expect(y.item()).toBeCloseTo(-s, 12);
  });

  it("makes all singular values about 1, for matrices of any shape", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(99),
        (short, more, seed) => {
          for (const shape of [
            [short, short + more],
            [short + more, short],
          ]) {
            const y = orthogonalize(randn(shape, { random: new Random(seed), dtype: "float64" }));
            expect(y.shape).toEqual(shape);
            const square = shape[0] < shape[1] ? y.matmul(y.t()) : y.t().matmul(y);
            // Singular values s from 0.3 to 1.3 (a small one has not quite arrived): the diagonal holds means of s².
            for (let i = 0; i < short; i++) {
              expect(square.select(0, i).select(0, i).item()).toBeLessThan(1.7);
            }
            expect(square.toArray()).toSatisfy((m: Matrix) => m.every((row, i) => row[i] > 0.08));
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it("leaves nothing where there is nothing", () => {
    expect([...orthogonalize(zeros([2, 3])).data]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe("ten steps of Muon", () => {
  const shapes = { wide: [3, 5], tall: [7, 2], square: [4, 4] };
  const variants: Record<string, Partial<MuonSettings>> = {
    "as it comes": {},
    "without nesterov": { nesterov: false },
    "weight decay": { weightDecay: 0.1, lr: 0.04 },
    "other numbers": { momentum: 0.5, nsSteps: 3, lr: 0.05 },
  };
  for (const [name, settings] of Object.entries(variants)) {
    it.each(Object.entries(shapes))(`equal Jordan's formulas in plain loops: ${name}, %s`, (_, shape) => {
      expect(furthest("float64", shape, settings)).toBeLessThan(1e-11);
      expect(furthest("float32", shape, settings)).toBeLessThan(1e-6);
    });
  }

  it("give back all memory that they take", () => {
    using _ = scope();
    const p = randn([6, 4], { requiresGrad: true });
    const optimizer = new Muon([p]);
    p.square().sum().backward();
    const before = heap.live;
    optimizer.step();
    expect(heap.live).toBe(before);
  });
});

// Matrices of full rank: along a direction in which the gradient is 0, the polynomial would enlarge rounding errors.
const start = (i: number) => Math.cos(i * i);
const centre = (step: number, i: number) => Math.sin(3 * step + i * i);

/** How far the parameter gets from its reference in ten steps of ½‖p − c‖², where c moves. */
function furthest(dtype: "float32" | "float64", shape: number[], settings: Partial<MuonSettings>): number {
  const [rows, columns] = shape;
  const make = (f: (i: number) => number): Matrix =>
    Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => f(r * columns + c)));
  const p = fromArray(make(start).flat(), shape, { dtype, requiresGrad: true }) as Tensor;
  const optimizer = new Muon([p], settings);
  const next = matrixMuon(make(start), settings);
  let largest = 0;
  for (let step = 1; step <= 10; step++) {
    const c = make((i) => centre(step, i));
    optimizer.zeroGrad();
    p.sub(fromArray(c.flat(), shape, { dtype }))
      .square()
      .mul(0.5)
      .sum()
      .backward();
    optimizer.step();
    const expected = next((theta) => zip(theta, c, (a, b) => a - b)).flat();
    expected.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(p.data[i] - value));
    });
  }
  return largest;
}

/** muon_update of github.com/KellerJordan/Muon, line by line, on lists of lists. */
function matrixMuon(theta: Matrix, settings: Partial<MuonSettings>) {
  const { lr = 0.02, momentum: beta = 0.95, nesterov = true, weightDecay = 0, nsSteps = 5 } = settings;
  let momentum = theta.map((row) => row.map(() => 0));
  return (gradient: (theta: Matrix) => Matrix): Matrix => {
    const grad = gradient(theta);
    momentum = zip(momentum, grad, (m, g) => m + (1 - beta) * (g - m));
    const update = nesterov ? zip(grad, momentum, (g, m) => g + beta * (m - g)) : momentum;
    const direction = zeropower(update, nsSteps);
    const scale = Math.sqrt(Math.max(1, theta.length / theta[0].length));
    theta = zip(theta, direction, (t, d) => t * (1 - lr * weightDecay) - lr * scale * d);
    return theta;
  };
}

/** zeropower_via_newtonschulz5, in double precision. */
function zeropower(g: Matrix, steps: number): Matrix {
  const [a, b, c] = [3.4445, -4.775, 2.0315];
  const tall = g.length > g[0].length;
  let x = tall ? transpose(g) : g;
  const norm = Math.sqrt(x.flat().reduce((sum, value) => sum + value * value, 0));
  x = x.map((row) => row.map((value) => value / (norm + 1e-7)));
  for (let i = 0; i < steps; i++) {
    const A = product(x, transpose(x));
    const B = zip(A, product(A, A), (first, second) => b * first + c * second);
    x = zip(x, product(B, x), (first, second) => a * first + second);
  }
  return tall ? transpose(x) : x;
}

const zip = (a: Matrix, b: Matrix, f: (a: number, b: number) => number): Matrix =>
  a.map((row, r) => row.map((value, c) => f(value, b[r][c])));

const transpose = (a: Matrix): Matrix => a[0].map((_, c) => a.map((row) => row[c]));

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, c) => row.reduce((sum, value, k) => sum + value * b[k][c], 0)));
