import { checkCase } from "../gradients/gradients.ts";
import { cases } from "../table/cases.ts";
import { type Mutant, mutants } from "./mutants.ts";

/** What is wrong with a gradient, as a person who knows the fault would say it. */
export type Kind = keyof typeof says;

/** By kind, what a message has to say. */
const says = {
  sign: /the sign/,
  factor: /a factor/,
  sum: /a sum is missing|a contribution is missing|one of two uses is not counted|overwrites where it has to add/,
  operand: /another operand/,
  place: /place/,
  mask: /where the slope is 0/,
  "cut off": /cut off/,
  "not linear": /not linear|lacks the gradient/,
  "changed in place": /was changed|changed in place/,
  recording: /while gradients are recorded/,
  "shape or dtype": /has (shape|dtype)/,
  memory: /strides that are ignored/,
} as const;

/**
 * Planted faults by their kind, as their names and code say. A fault that is not listed counts as one whose
 * message says the wrong thing.
 */
const kinds: Readonly<Record<Kind, readonly string[]>> = {
  sign: [
    "sub: second gradient without its sign",
    "neg: gradient passes unchanged",
    "abs: gradient always +1",
    "cos: sign forgotten",
    "acos: sign forgotten",
    "cosh: the sign of a cosine's",
    "bce: targets get the gradient of the other class",
    "RotaryEmbedding: the gradient is turned on",
  ],
  factor: [
    "square: the 2 is missing",
    "sqrt: 1/y instead of 1/(2y)",
    "erf: 2/√π is 2/π",
    "sum: gradient halved",
    "exp2: ln 2 forgotten",
    "log2: times ln 2",
    "log10: ln 10 forgotten",
    "expand: mean over the stretched dims",
    "clone: gradient scaled by 1 + 1e-9",
    "tanh: gradient off by a factor 1 + 1e-4",
    "tanh: gradient off by a factor 1 + 1e-8",
    "reluSquared: the factor 2 forgotten",
    "Linear: bias gradient is a mean",
    "Conv2d: bias gradient is a mean",
    "conv2d and maxPool2d in one pass: bias gradient is a mean",
    "crossEntropy: 1/N forgotten",
    "l1: slope ½",
    "broadcast: mean over a stretched dim instead of its sum",
    "BatchNorm, training: unbiased variance",
    "GroupNorm: unbiased variance",
    "LayerNorm: unbiased variance",
    "RMSNorm: the sum of squares in place of their mean",
    "scaledDotProductAttention: the scale is missing in the gradient of q",
    "adaptiveAvgPool2d: gradient divided by the full count",
  ],
  sum: [
    "logcumsumexp: terms that came before get nothing",
    "scatterAdd: x's gradient forgets what was added",
    "gather: gradient overwritten instead of added",
    "indexSelect: an index named twice is counted once",
    "unfold: a pixel seen twice counts once",
    "Embedding: the gradient is overwritten where an id repeats",
    "backward: gradient assigned instead of accumulated",
    "backward: the last path wins where paths meet",
    "broadcast: sum over a stretched dim forgotten",
    "BatchNorm, training: statistics taken for constants",
    "GroupNorm: statistics taken for constants",
    "LayerNorm: statistics taken for constants",
    "RMSNorm: the root taken for a constant",
    "softmax: without the sum term",
    "leakyRelu: slope 0 below 0",
    "selu: nothing passes below 0",
    "RNN, one direction: the state before the first step left out",
    "LSTM, one direction: biases' gradients from the last step alone",
    "TransformerBlock: x does not pass beside the branches",
    "scaledDotProductAttention: softmax taken for a product: Σ g·y forgotten",
    "cumprod: the factors' gradient forgets the start",
    "crossEntropy: target's −1 forgotten",
  ],
  operand: [
    "mul: gradients swapped",
    "div: b instead of b² below",
    "pow: exponent's gradient without the logarithm",
    "pow: b − 1 forgotten",
    "where: branches swapped",
    "exp: x instead of eˣ",
    "log1p: 1/x instead of 1/(1 + x)",
    "atan: 1 + |x| instead of 1 + x²",
    "matmul: left gradient with b instead of bᵀ",
    "matmul: square gradient transposed",
    "prod: divided by |x| + 1",
    "tan: 1 − y² as of tanh",
    "asin: the root forgotten",
    "atan2: gradients swapped",
    "sinh: sinh of itself",
    "fmod: n rounded down",
    "sigmoid: y instead of y·(1 − y)",
    "silu: x·σ′ forgotten",
    "gelu: tanh's approximation where the exact one is due",
    "gelu: density term forgotten",
    "leakyRelu: slope added instead of chosen",
    "elu: y instead of y + α below 0",
    "elu: eˣ on both sides",
    "softplus: σ(x) instead of σ(βx)",
    "softplus: threshold forgotten",
    "logsigmoid: the tail passes nothing on",
    "softsign: what is divided by passes nothing on",
    "hardswish: the gate passes nothing on",
    "huber: the slope goes on growing beyond delta",
    "bce: p·(1 − p) forgotten",
    "klDiv: the logarithm passes nothing on",
    "BatchNorm, training: weight's gradient from x itself",
    "conv2d and maxPool2d in one pass: the smallest of every window",
    "LayerNorm: weight's gradient from x itself",
    "GRU, one direction: reset applied before the product",
    "GRU, one direction: the second bias's gradient without r",
  ],
  place: [
    "indexAdd: source's gradient from the wrong places",
    "cumsum: gradient runs the same way",
    "flip: gradient not turned round",
    "pad: gradient put back one place too early",
    "slice, backwards: put back forwards",
    "slice: put back one place too early",
    "reshape: elements in reverse",
    "cat: first and last gradient swapped",
    "nll: gradient at the class before the target",
    "conv2d: gradients one pixel off",
    "conv2d: gradients with stride and dilation swapped",
    "conv2d: padding one pixel off",
    "conv2d: image turned round, as a filter never was",
    "conv2d: input gradient with the filter turned round",
    "conv2d: groups in the wrong order",
    "convTranspose2d: filters' gradient turned round",
    "interpolate: gradient one pixel off",
    "maxPool2d: gradient one pixel off",
    "BatchNorm, relu and pooling, training: gradient one pixel off",
    "BatchNorm, relu and pooling, evaluation: gradient one pixel off",
    "maximum: all to the left",
  ],
  mask: [
    "floor: gradient passes straight through",
    "clamp: gradient passes outside",
    "relu: gradient leaks on the negative side",
    "relu6: gradient leaks on the negative side",
    "hardtanh: gradient passes outside",
    "FakeQuantize: gradient beyond the range",
    "tril: gradient passes above the diagonal",
    "amax: every winner gets all",
    "max: to every element",
    "reluSquared: slope of the square on both sides",
    "maxPool2d: gradient to every pixel",
    "BatchNorm and relu, training: bias gradient passes where relu did not",
    "Dropout: another mask on the way back",
    "diagonal: spread over the matrix",
  ],
  "cut off": [
    "sin: gradient cut off from the graph",
    "conv2d's filter gradient: not differentiable again",
    "pow: masked where the exponent is 0",
    "mish: the tail passes nothing on",
  ],
  "not linear": [
    "rsqrt: a constant added to the gradient",
    "expm1: squared gradient",
    "to: gradient rounded to whole numbers",
    "logSoftmax: without Σg",
  ],
  "changed in place": [
    "abs: input changed in place",
    "reciprocal: writes into the gradient that came in",
    "backward: a saved input changed in place goes unnoticed",
  ],
  recording: [
    "sigmoid: wrong only while gradients are recorded",
    "tanh: wrong only while gradients are not recorded",
  ],
  "shape or dtype": ["log: gradient in float32", "permute: order instead of its inverse"],
  memory: ["neg: strides ignored"],
};

/** Faults that examples of a row catch: they have a message about a gradient. */
export const explained: readonly Mutant[] = mutants.filter((mutant) => rowsOf(mutant).length > 0);

export interface Said {
  readonly fault: string;
  /** Null where the fault is not listed. */
  readonly kind: Kind | null;
  /** The sentence about the cause, or the whole of a message without one. */
  readonly said: string;
  readonly named: boolean;
}

/** Plants a fault, and reads what the checker says about it. */
export function messageAbout(mutant: Mutant, seed = 1): Said {
  const kind = (Object.keys(kinds) as Kind[]).find((one) => kinds[one].includes(mutant.name)) ?? null;
  const remove = mutant.plant();
  try {
    for (const row of rowsOf(mutant)) {
      const table = cases.filter(({ name }) => name === row);
      const message = table
        .map((one) => checkCase(one, { seed, directions: 2 }).failure?.message)
        .find(Boolean);
      if (message === undefined) continue;
      const said =
        message.split("\n").find((line) => line.startsWith("  probably ")) ?? message.split("\n")[0];
      return { fault: mutant.name, kind, said: said.trim(), named: kind !== null && says[kind].test(said) };
    }
  } finally {
    remove();
  }
  return { fault: mutant.name, kind, said: "nothing was found", named: false };
}

function rowsOf({ caughtBy }: Mutant): string[] {
  return caughtBy.flatMap((catcher) =>
    typeof catcher === "object" && "row" in catcher ? [catcher.row] : [],
  );
}
