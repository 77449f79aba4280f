import { checked, kernels, scope, show } from "../../00-runtime/index.ts";
import { copyInto, expectTensor, gemm, type Tensor } from "../../01-tensor/index.ts";
import { noGrad } from "../../05-autograd/index.ts";
import { type Move, Optimizer, type Parameters } from "../optimizer.ts";
import * as reference from "./muon.reference.ts";
import * as split from "./muon.split.ts";

const kernel = kernels(reference, split);

/** Options of `Muon`. */
export interface MuonSettings {
  lr: number;
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
  /** Iterations of Newton–Schulz. */
  nsSteps: number;
}

/**
 * Momentum whose direction is made orthogonal: all singular values of the step become about 1, so that directions with
 * small gradients learn as fast as those with large ones. For the matrices inside a model; embeddings, output layers,
 * biases and gains go to an AdamW beside it.
 *
 *   m = momentum·m + (1 − momentum)·g;  u = (1 − momentum)·g + momentum·m (nesterov; else m)
 *   p = p·(1 − lr·weightDecay) − lr·√max(1, rows/columns)·orthogonalize(u)
 *
 * Shapes    every parameter [rows, columns]
 * Memory    one number per parameter
 * Cost      15 matrix products for five iterations, about 10·r²·(2·c + r) flops for r ≤ c
 * Throws    RangeError for a parameter that is no matrix
 * Source    Jordan et al. 2024, Muon: an optimizer for hidden layers, kellerjordan.github.io/posts/muon
 */
export class Muon extends Optimizer<MuonSettings> {
  constructor(params: Parameters<MuonSettings>, options: Partial<MuonSettings> = {}) {
    const {
      lr = 0.02,
      momentum = 0.95,
      nesterov = true,
      weightDecay = 0,
      nsSteps = 5,
    } = checked("Muon", options, ["lr", "momentum", "nesterov", "weightDecay", "nsSteps"]);
    super(params, { lr, momentum, nesterov, weightDecay, nsSteps });
  }

  protected override check(settings: MuonSettings): void {
    super.check(settings);
    const { momentum, nsSteps } = settings;
    if (momentum >= 1) throw this.complaint(`momentum = ${momentum} — must be below 1`);
    if (!Number.isInteger(nsSteps)) throw this.complaint(`nsSteps = ${nsSteps} — must be an integer`);
  }

  protected override checkParameter(p: Tensor): void {
    if (p.rank === 2) return;
    throw this.complaint(
      `a parameter of shape ${show(p.shape)} — only matrices [rows, columns] have a direction to make orthogonal; give ` +
        "biases, gains and embeddings to an AdamW beside it",
    );
  }

  protected override remembers(): string[] {
    return ["momentum"];
  }

  protected override update(
    p: Tensor,
    g: Tensor,
    { momentum }: Readonly<Record<string, Tensor>>,
    { lr, momentum: beta, nesterov, weightDecay, nsSteps }: MuonSettings,
  ): void {
    using _ = noGrad();
    using __ = scope();
    const direction = g.newEmpty(g.shape);
    kernel.muonDirection(g, momentum, direction, g.size, beta, nesterov ? 1 : 0);
    const step = orthogonalized(direction, nsSteps);
    kernel.muonMove(p, step, p.size, 1 - lr * weightDecay, stepSize(lr, p));
  }

  override moves({ lr, momentum: beta, nesterov, weightDecay, nsSteps }: MuonSettings): Move {
    return ({ p, state }, g) => {
      const momentum = mix(state.momentum, g, 1 - beta);
      const direction = orthogonalize(nesterov ? mix(g, momentum, beta) : momentum, { steps: nsSteps });
      const decayed = weightDecay === 0 ? p : p.mul(1 - lr * weightDecay);
      return { p: decayed.sub(direction.mul(stepSize(lr, p))), state: { momentum } };
    };
  }
}

const stepSize = (lr: number, { shape: [rows, columns] }: Tensor): number =>
  lr * Math.sqrt(Math.max(1, rows / columns));

/** a, moved towards b by a share of the way. */
const mix = (a: Tensor, b: Tensor, share: number): Tensor => a.add(b.sub(a).mul(share));

/** Steep at 0, so that small singular values grow fast; around 1 it wavers between 0.7 and 1.2. */
const [A, B, C] = [3.4445, -4.775, 2.0315];

/**
 * About the nearest matrix with orthonormal rows (or columns, where there are more rows): U·Vᵀ of the singular value
 * decomposition U·S·Vᵀ, with singular values near 1 after five steps.
 *
 *   X₀ = x/‖x‖;  X ← a·X + (b·XXᵀ + c·(XXᵀ)²)·X,  which maps every singular value s to a·s + b·s³ + c·s⁵
 *
 * Shapes    x [rows, columns] → the same
 * Source    Jordan et al. 2024; Bernstein & Newhouse 2024, Old optimizer, new norm
 */
export function orthogonalize(x: Tensor, options: { readonly steps?: number } = {}): Tensor {
  const { steps = 5 } = checked("orthogonalize", options, ["steps"]);
  const [rows, columns] = expectTensor("orthogonalize", x).shape;
  let y = rows > columns ? x.t() : x; // XXᵀ is the smaller of the two products
  y = y.div(x.norm().add(1e-7));
  for (let i = 0; i < steps; i++) {
    const square = y.matmul(y.t());
    const polynomial = square.mul(B).add(square.matmul(square).mul(C));
    y = y.mul(A).add(polynomial.matmul(y));
  }
  return rows > columns ? y.t() : y;
}

/** The same numbers in as few passes as there are products: every sum is the beta of one. */
function orthogonalized(x: Tensor, steps: number): Tensor {
  const [rows, columns] = x.shape;
  const [size, tall] = [Math.min(rows, columns), rows > columns];
  let y = x.div(x.norm().add(1e-7));
  let next = x.newEmpty(x.shape);
  const [square, polynomial] = [x.newEmpty([size, size]), x.newEmpty([size, size])];
  for (let i = 0; i < steps; i++) {
    if (tall) product(y.t(), y, square);
    else product(y, y.t(), square);
    copyInto(square, polynomial);
    product(square, square, polynomial, C, B);
    copyInto(y, next);
    if (tall) product(y, polynomial, next, 1, A);
    else product(polynomial, y, next, 1, A);
    [y, next] = [next, y];
  }
  return y;
}

/** c = alpha·a·b + beta·c */
function product(a: Tensor, b: Tensor, c: Tensor, alpha = 1, beta = 0): void {
  const [m, k] = a.shape;
  const n = b.shape[1];
  const [[aRow, aCol], [bRow, bCol]] = [a.strides, b.strides];
  gemm({ a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow: n, alpha, beta });
}
