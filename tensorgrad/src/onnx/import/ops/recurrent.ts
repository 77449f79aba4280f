import { show } from "../../../00-runtime/index.ts";
import { cat, stack, type Tensor } from "../../../01-tensor/index.ts";
import { softplus } from "../../../02-activations/index.ts";
import { float, floats, int, text, texts } from "../attributes.ts";
import { type Family, op } from "../operator.ts";
import { floatOf, intsOf, type Value } from "../values.ts";
import { elu, hardSigmoid } from "./activations.ts";

type Bend = (x: Tensor) => Tensor;

/** The activations that cells may have, with their own defaults of alpha and beta. */
const bends: Readonly<Record<string, (alpha?: number, beta?: number) => Bend>> = {
  sigmoid: () => (x) => x.sigmoid(),
  tanh: () => (x) => x.tanh(),
  relu: () => (x) => x.relu(),
  affine:
    (a = 1, b = 0) =>
    (x) =>
      x.mul(a).add(b),
  leakyrelu:
    (a = 0.01) =>
    (x) =>
      x.relu().add(x.minimum(0).mul(a)),
  thresholdedrelu:
    (a = 1) =>
    (x) =>
      x.gt(a).where(x, 0),
  scaledtanh:
    (a = 1, b = 1) =>
    (x) =>
      x.mul(b).tanh().mul(a),
  hardsigmoid:
    (a = 0.2, b = 0.5) =>
    (x) =>
      hardSigmoid(x, a, b),
  elu:
    (a = 1) =>
    (x) =>
      elu(x, a),
  softsign: () => (x) => x.div(x.abs().add(1)),
  softplus: () => (x) => softplus(x),
};

const common = {
  activation_alpha: floats(),
  activation_beta: floats(),
  activations: texts(),
  clip: float(),
  direction: text("forward"),
  hidden_size: int(),
  layout: int(0),
};

interface Attributes {
  readonly activation_alpha: readonly number[] | undefined;
  readonly activation_beta: readonly number[] | undefined;
  readonly activations: readonly string[] | undefined;
  readonly clip: number | undefined;
  readonly direction: string;
  readonly layout: number;
}

/** What one step sees: x·Wᵀ of all gates, the states before, the recurrent weights and biases, and the activations. */
interface Step {
  readonly input: Tensor; // [B, G·H]
  readonly states: readonly Tensor[]; // [B, H] each
  readonly R: Tensor; // [G·H, H]
  readonly inputBias: Tensor | null; // [G·H]
  readonly hiddenBias: Tensor | null;
  readonly peepholes: readonly Tensor[] | null; // [H] each
  readonly bend: readonly Bend[];
  readonly clip: Bend;
}

interface Cell {
  readonly states: 1 | 2;
  readonly activations: readonly string[];
  readonly step: (step: Step) => Tensor[];
}

const plus = (x: Tensor, bias: Tensor | null): Tensor => (bias ? x.add(bias) : x);
const gates = (x: Tensor, count: number): Tensor[] => x.chunk(count, -1);

/** h′ = f(x·Wᵀ + h·Rᵀ + b) */
const rnn: Cell = {
  states: 1,
  activations: ["tanh"],
  step: ({ input, states: [h], R, inputBias, hiddenBias, bend: [f], clip }) => [
    f(clip(plus(plus(input.add(h.matmul(R.t())), inputBias), hiddenBias))),
  ],
};

/** Gates z r h; the reset gate acts before the product with R, or after it. */
const gru = (linearBeforeReset: boolean): Cell => ({
  states: 1,
  activations: ["sigmoid", "tanh"],
  step: ({ input, states: [h], R, inputBias, hiddenBias, bend: [f, g], clip }) => {
    const [xz, xr, xh] = gates(plus(input, inputBias), 3);
    const [Rz, Rr, Rh] = R.chunk(3, 0);
    const [bz, br, bh] = hiddenBias ? hiddenBias.chunk(3, 0) : [null, null, null];
    const z = f(clip(plus(xz.add(h.matmul(Rz.t())), bz)));
    const r = f(clip(plus(xr.add(h.matmul(Rr.t())), br)));
    const hidden = linearBeforeReset ? r.mul(plus(h.matmul(Rh.t()), bh)) : plus(r.mul(h).matmul(Rh.t()), bh);
    const candidate = g(clip(xh.add(hidden)));
    return [candidate.add(z.mul(h.sub(candidate)))]; // (1 − z)·candidate + z·h
  },
});

/** Gates i o f c; peepholes let the gates see the cells. */
const lstm = (inputForget: boolean): Cell => ({
  states: 2,
  activations: ["sigmoid", "tanh", "tanh"],
  step: ({ input, states: [h, c], R, inputBias, hiddenBias, peepholes, bend: [f, g, out], clip }) => {
    const all = plus(plus(input.add(h.matmul(R.t())), inputBias), hiddenBias);
    const [xi, xo, xf, xc] = gates(all, 4);
    const seen = (x: Tensor, p: number, cells: Tensor) => (peepholes ? x.add(peepholes[p].mul(cells)) : x);
    const i = f(clip(seen(xi, 0, c)));
    const forget = inputForget ? i.neg().add(1) : f(clip(seen(xf, 2, c)));
    const next = forget.mul(c).add(i.mul(g(clip(xc))));
    const o = f(clip(seen(xo, 1, next)));
    return [o.mul(out(next)), next];
  },
});

/** Which activations direction d has, in order. */
function bendsOf(cell: Cell, a: Attributes, d: number): Bend[] {
  const n = cell.activations.length;
  const names = a.activations?.slice(d * n, (d + 1) * n) ?? cell.activations;
  return cell.activations.map((fallback, i) => {
    const name = (names[i] ?? fallback).toLowerCase();
    const make = Object.hasOwn(bends, name) ? bends[name] : undefined;
    if (!make) throw new TypeError(`activation "${names[i]}" — known are ${Object.keys(bends).join(", ")}`);
    return make(a.activation_alpha?.[d * n + i], a.activation_beta?.[d * n + i]);
  });
}

/** Sequences backwards: all steps, or of each sequence those before its end. */
function backwards(x: Tensor, lengths: readonly number[] | null): Tensor {
  if (!lengths) return x.flip(0);
  const T = x.shape[0];
  const lines = lengths.map((end, b) => {
    const order = Array.from({ length: T }, (_, t) => (t < end ? end - 1 - t : t));
    return x.narrow(1, b, 1).indexSelect(0, x.newFrom(order, [T], "int32"));
  });
  return cat(lines, 1);
}

interface Sequences {
  readonly x: Tensor; // [T, B, in]
  readonly states: readonly Tensor[];
  readonly lengths: readonly number[] | null;
  readonly W: Tensor;
}

/** All steps of one direction: outputs [T, B, H] and the last states. A sequence that has ended keeps its states. */
function through(
  cell: Cell,
  { x, states, lengths, W }: Sequences,
  how: Omit<Step, "input" | "states">,
): [Tensor, readonly Tensor[]] {
  const [T, B] = x.shape;
  const inputs = x.matmul(W.t()); // [T, B, G·H]
  const outputs: Tensor[] = [];
  let now = states;
  for (let t = 0; t < T; t++) {
    const next = cell.step({ ...how, input: inputs.select(0, t), states: now });
    const alive = lengths?.some((n) => n <= t)
      ? x.newFrom(
          lengths.map((n) => Number(t < n)),
          [B, 1],
          "bool",
        )
      : null;
    now = alive ? next.map((state, i) => alive.where(state, now[i])) : next;
    outputs.push(alive ? alive.where(next[0], 0) : next[0]);
  }
  return [stack(outputs), now];
}

/** One or two directions over sequences. */
function recurrence(cell: Cell, inputs: readonly Value[], a: Attributes): Tensor[] {
  const [input, w, r, b, lens, initialH, initialC, p] = inputs;
  const given = floatOf(input);
  const x = a.layout && given.rank > 1 ? given.transpose(0, 1) : given; // [T, B, in]
  const [W, R] = [floatOf(w, x), floatOf(r, x)]; // [D, G·H, in], [D, G·H, H]
  for (const [name, { shape }] of Object.entries({ X: x, W, R }))
    if (shape.length !== 3)
      throw new RangeError(
        `${name} ${show(shape)} — three dims: X [T, B, in], W [D, G·H, in], R [D, G·H, H]`,
      );
  const [D, , H] = R.shape;
  if (D !== (a.direction === "bidirectional" ? 2 : 1))
    throw new RangeError(`direction "${a.direction}" with weights for ${D} — one for each direction`);
  const B = x.shape[1];
  const lengths = lens ? intsOf(lens) : null;
  const clip: Bend = a.clip === undefined ? (t) => t : (t) => t.clamp(-(a.clip as number), a.clip);
  const start = (value: Value | undefined, d: number): Tensor => {
    if (!value) return x.newFrom(new Float32Array(B * H), [B, H]);
    const states = floatOf(value, x);
    return (a.layout ? states.transpose(0, 1) : states).select(0, d);
  };
  const ends: Tensor[][] = [];
  const ways = Array.from({ length: D }, (_, d) => {
    const reverse = a.direction === "reverse" || d === 1;
    const bias = b ? floatOf(b, x).select(0, d).chunk(2, 0) : [null, null];
    const [y, last] = through(
      cell,
      {
        x: reverse ? backwards(x, lengths) : x,
        states: [start(initialH, d), ...(cell.states === 2 ? [start(initialC, d)] : [])],
        lengths,
        W: W.select(0, d),
      },
      {
        R: R.select(0, d),
        inputBias: bias[0],
        hiddenBias: bias[1],
        peepholes: p ? floatOf(p, x).select(0, d).chunk(3, 0) : null,
        bend: bendsOf(cell, a, d),
        clip,
      },
    );
    ends.push([...last]);
    return reverse ? backwards(y, lengths) : y;
  });
  const y = stack(ways, 1); // [T, D, B, H]
  const states = Array.from({ length: cell.states }, (_, s) => stack(ends.map((end) => end[s]))); // [D, B, H]
  if (!a.layout) return [y, ...states];
  return [y.permute(2, 0, 1, 3), ...states.map((state) => state.transpose(0, 1))];
}

/** Networks that read sequences. */
export const recurrent: Family = {
  RNN: [op(7, "X W R B? sequence_lens? initial_h?", common, (x, a) => recurrence(rnn, x, a))],
  GRU: [
    op(7, "X W R B? sequence_lens? initial_h?", { ...common, linear_before_reset: int(0) }, (x, a) =>
      recurrence(gru(a.linear_before_reset === 1), x, a),
    ),
  ],
  LSTM: [
    op(7, "X W R B? sequence_lens? initial_h? initial_c? P?", { ...common, input_forget: int(0) }, (x, a) =>
      recurrence(lstm(a.input_forget === 1), x, a),
    ),
  ],
};
