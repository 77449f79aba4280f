import fc from "fast-check";
import { cat, type Tensor } from "tensorgrad";
import { recurrent } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example } from "../gradients/evaluate.ts";
import { type Fault, inBackward, inMethod } from "../mutants/plant.ts";
import { byLoops, gru, lstm, plain } from "../references/recurrent-loops.ts";
import { free, typed, words } from "./builders.ts";
import type { Case, OnnxParity } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { between, type Domain, offGrid } from "./inputs/domains.ts";

const { RnnSequence, LstmSequence, GruSequence } = recurrent;
type Sequence = InstanceType<typeof RnnSequence | typeof LstmSequence | typeof GruSequence>;
type Course = Sequence["course"];
type SequenceClass = new (course: Course) => Sequence;

interface Kind {
  readonly name: "RNN" | "LSTM" | "GRU";
  /** Blocks of rows in the weights. */
  readonly blocks: number;
  readonly states: 1 | 2;
  readonly make: (course: Course) => Sequence;
  readonly Network: typeof nn.RNN | typeof nn.LSTM | typeof nn.GRU;
  readonly Cell: typeof nn.RNNCell | typeof nn.LSTMCell | typeof nn.GRUCell;
}

const RNN_TANH: Kind = {
  ...{ name: "RNN", blocks: 1, states: 1, Network: nn.RNN, Cell: nn.RNNCell },
  make: (course) => new RnnSequence(course),
};
const RNN_RELU: Kind = { ...RNN_TANH, make: (course) => new RnnSequence(course, "relu") };
const LSTM: Kind = {
  ...{ name: "LSTM", blocks: 4, states: 2, Network: nn.LSTM, Cell: nn.LSTMCell },
  make: (course) => new LstmSequence(course),
};
const GRU: Kind = {
  ...{ name: "GRU", blocks: 3, states: 1, Network: nn.GRU, Cell: nn.GRUCell },
  make: (course) => new GruSequence(course),
};

/** A step's rounding goes through all later steps. */
const steps: OnnxParity = { ulps: 64, why: "sums and exponentials, step after step" };

const small = fc.integer({ min: 1, max: 3 });
const sizes = fc.record({ T: small, B: small, inputs: small, H: small });

/** Small enough that saturated gates are the exception. */
const weights = between(-1, 1);

const lengthsTo = (T: number): Domain => ({
  name: `from 1 to ${T}`,
  dtype: "int32",
  values: (count) => fc.array(fc.integer({ min: 1, max: T }), { minLength: count, maxLength: count }),
});

/** x, W, R and both biases; biases are off the grid of the rest, so that no sum of relu is 0. */
const operands = (blocks: number, { T, B, inputs, H }: Record<"T" | "B" | "inputs" | "H", number>) => [
  tensors({ shape: [T, B, inputs] }),
  tensors({ shape: [blocks * H, inputs], domain: weights }),
  tensors({ shape: [blocks * H, H], domain: weights }),
  tensors({ shape: [blocks * H], domain: offGrid }),
  tensors({ shape: [blocks * H], domain: weights }),
];

/** One layer in one direction, in every setting. */
function sequences({ blocks, states, make }: Kind): fc.Arbitrary<Example> {
  const courses = fc.record({
    reverse: fc.boolean(),
    given: fc.boolean(),
    lengths: fc.boolean(),
    final: fc.boolean(),
  });
  return fc.tuple(sizes, courses).chain(([size, course]) => {
    const state = () => tensors({ shape: [size.B, size.H] });
    const rest = [
      ...Array.from({ length: course.given ? states : 0 }, state),
      ...(course.lengths ? [tensors({ shape: [size.B], domain: lengthsTo(size.T) })] : []),
    ];
    return fc.tuple(...operands(blocks, size), ...rest).map(
      (inputs): Example => ({
        inputs,
        options: typed({ ...course }),
        symmetries: [{ inputs: [1, null, null, null, null, ...rest.map(() => 0)], output: 1 }],
        run: (...all) => make(course).apply(...all),
      }),
    );
  });
}

/** Outputs and final states end to end. */
const joined = ({ output, state }: nn.Recurred): Tensor => cat([output, ...state].map((t) => t.flatten()));

/** Layers upon each other, both directions: parameters are inputs like any other. */
function networks({ Network }: Kind): fc.Arbitrary<Example> {
  const settings = fc.record({
    numLayers: fc.integer({ min: 1, max: 2 }),
    bidirectional: fc.boolean(),
    batchFirst: fc.boolean(),
  });
  return fc.tuple(sizes, settings).chain(([{ T, B, inputs, H }, options]) => {
    const net = () => new Network(inputs, H, options);
    const parameters = Object.entries(net().stateDict());
    const drawn = parameters.map(([, { shape }]) => tensors({ shape: [...shape], domain: weights }));
    const x = tensors({ shape: options.batchFirst ? [B, T, inputs] : [T, B, inputs] });
    return fc.tuple(x, ...drawn).map(
      (all): Example => ({
        inputs: all,
        options: typed(options),
        run: (x, ...values) => {
          const named = parameters.map(([key], i) => [key, values[i]] as const);
          return joined(Object.assign(net(), Object.fromEntries(named)).run(x));
        },
      }),
    );
  });
}

/** One step from given states. */
const cells = ({ Cell, blocks, states }: Kind): fc.Arbitrary<Example> =>
  sizes.chain(({ B, inputs, H }) => {
    const [x, ...parameters] = operands(blocks, { T: 1, B, inputs, H });
    const given = Array.from({ length: states }, () => tensors({ shape: [B, H] }));
    return fc.tuple(x, ...parameters, ...given).map(
      (all): Example => ({
        inputs: all,
        run: (x, weight_ih, weight_hh, bias_ih, bias_hh, ...state) => {
          const cell = new Cell(inputs, H);
          Object.assign(cell, { weight_ih, weight_hh, bias_ih, bias_hh });
          return cat(cell.step(x.select(0, 0), state));
        },
      }),
    );
  });

const SUMS = "z = W·xₜ + b + R·hₜ₋₁ + b′";
const BACK = "dhₜ = gₜ + what step t + 1 passes back; x: Wᵀ·dz; W: Σ dz·xᵀ; R: Σ dz·hᵀ; b: Σ dz";

const inputNames = (states: 1 | 2) => ["x", "W", "R", "b", "b′", "h", "c"].slice(0, 5 + states);

function rowsOf(
  kind: Kind,
  formula: string,
  Sequence: SequenceClass,
  reference: Case["reference"],
  faults: readonly Fault[],
): Case[] {
  const { name, states, Network, Cell } = kind;
  const [both, names] = [words(formula, BACK), inputNames(states)];
  const extra = { onnx: steps, ...(reference && { reference }), faults };
  return [
    free(`${name}, one direction`, both, names, [Sequence], sequences(kind), extra),
    free(
      name,
      words("y = layer upon layer, each in one or both directions", "as in one direction"),
      ["x", "parameters"],
      [Network],
      networks(kind),
      { onnx: steps },
    ),
    free(
      `${name}Cell`,
      words("hₜ = one step from hₜ₋₁ and xₜ", "as in one direction"),
      names,
      [Cell],
      cells(kind),
      {
        onnx: steps,
      },
    ),
  ];
}

type Apply = Sequence["apply"];

/** A fault that changes what an operation is given, forward and backward alike: its definition has to notice. */
const givenOther = (
  name: string,
  Sequence: { readonly prototype: Sequence },
  change: (inputs: Tensor[], course: Course) => Tensor[],
): Fault =>
  inMethod(
    name,
    Sequence.prototype,
    "apply",
    (right): Apply =>
      function (this: Sequence, ...inputs) {
        return right.apply(this, change(inputs, this.course));
      },
    "reference",
  );

/** The blocks of W, R and both biases in another order. */
const reordered =
  (order: readonly number[]) =>
  ([x, ...rest]: Tensor[]): Tensor[] => {
    const swap = (w: Tensor) => {
      const blocks = w.chunk(order.length);
      return cat(order.map((i) => blocks[i]));
    };
    return [x, ...rest.slice(0, 4).map(swap), ...rest.slice(4)];
  };

const shorter = (inputs: Tensor[], { lengths }: Course): Tensor[] =>
  lengths ? inputs.with(-1, (inputs.at(-1) as Tensor).sub(1).maximum(1)) : inputs;

/** Reads forward what it should read backwards. */
const notReversed = (Sequence: { readonly prototype: Sequence }): Fault =>
  inMethod(
    "direction not reversed",
    Sequence.prototype,
    "apply",
    (right): Apply =>
      function (this: Sequence, ...inputs) {
        Object.assign(this, { course: { ...this.course, reverse: false } });
        return right.apply(this, inputs);
      },
    "reference",
  );

/** n = tanh(W·x + b + R·(r·h) + b′), as in the paper, where PyTorch resets after the product. */
const resetBefore = inMethod(
  "reset applied before the product",
  GruSequence.prototype as unknown as { composedStep: Step },
  "composedStep",
  () =>
    (gates, [h], R, bias) => {
      const [x, both] = [gates.chunk(3, 1), h.matmul(R.t()).add(bias).chunk(3, 1)];
      const [r, z] = [0, 1].map((k) => x[k].add(both[k]).sigmoid());
      const [, , toN] = r.mul(h).matmul(R.t()).add(bias).chunk(3, 1);
      const n = x[2].add(toN).tanh();
      return [n.add(z.mul(h.sub(n)))];
    },
);

type Step = (gates: Tensor, before: readonly Tensor[], R: Tensor, bias: Tensor) => readonly Tensor[];

export const title = "Recurrent networks";

export const rows: readonly Case[] = [
  ...rowsOf(
    RNN_TANH,
    `hₜ = tanh z, ${SUMS}`,
    RnnSequence,
    byLoops(RNN_TANH.make, { ...RNN_TANH, cell: plain }),
    [
      notReversed(RnnSequence),
      givenOther("lengths off by one", RnnSequence, shorter),
      inBackward("the state before the first step left out", RnnSequence, ({ gradients, operation }) =>
        (operation as Sequence).course.given ? gradients.with(5, null) : gradients.with(2, null),
      ),
    ],
  ),
  free(
    "RNN with relu, one direction",
    words(`hₜ = max(z, 0), ${SUMS}`, BACK),
    inputNames(1),
    [RnnSequence],
    sequences(RNN_RELU),
    { onnx: steps },
  ),
  ...rowsOf(
    LSTM,
    `cₜ = f·cₜ₋₁ + i·g, hₜ = o·tanh cₜ; i, f, o = σ(z), g = tanh z, ${SUMS}`,
    LstmSequence,
    byLoops(LSTM.make, { ...LSTM, cell: lstm }),
    [
      givenOther("forget gate and input gate swapped", LstmSequence, reordered([1, 0, 2, 3])),
      givenOther("output gate and candidate swapped", LstmSequence, reordered([0, 1, 3, 2])),
      notReversed(LstmSequence),
      givenOther("lengths off by one", LstmSequence, shorter),
      inBackward("biases' gradients from the last step alone", LstmSequence, ({ gradients, operation }) => {
        const [x] = operation.prev;
        return gradients.map((g, i) => (g && (i === 3 || i === 4) ? g.div(x.shape[0]) : g));
      }),
    ],
  ),
  ...rowsOf(
    GRU,
    "hₜ = (1 − z)·n + z·hₜ₋₁, n = tanh(W·xₜ + b + r·(R·hₜ₋₁ + b′)); r, z = σ(W·xₜ + b + R·hₜ₋₁ + b′)",
    GruSequence,
    byLoops(GRU.make, { ...GRU, cell: gru }),
    [
      resetBefore,
      givenOther("gates r and z swapped", GruSequence, reordered([1, 0, 2])),
      notReversed(GruSequence),
      givenOther("lengths off by one", GruSequence, shorter),
      inBackward("the second bias's gradient without r", GruSequence, ({ gradients }) =>
        gradients.with(4, gradients[3]),
      ),
    ],
  ),
];
