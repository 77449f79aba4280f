import fc from "fast-check";
import { activations } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example } from "../gradients/evaluate.ts";
import { tensors } from "./arbitraries.ts";
import { arithmetic, type Case, type Extra, free, transcendental, typed } from "./case.ts";
import { anywhere, awayFrom, type Domain } from "./domains.ts";

/** Bends at 0 but may come near it: finite differences step around the kink. */
const nearZero = awayFrom(0, 1 / 256);

type Numbers = Readonly<Record<string, number>>;

/** A row for an activation, with one of these lists of options. */
function bend<O extends Numbers>(
  name: string,
  domain: Domain,
  covers: Case["covers"],
  options: readonly O[],
  make: (options: O) => nn.Activation,
  extra: Extra = {},
): Case {
  const examples = fc.tuple(tensors({ domain }), fc.constantFrom(...options)).map(
    ([x, drawn]): Example => ({
      inputs: [x],
      options: typed(drawn),
      run: (x) => make(drawn).forward(x),
      symmetries: "elementwise",
    }),
  );
  return free(name, ["x"], covers, examples, { onnx: transcendental, ...extra });
}

/** A threshold between the numbers of the domain: at the jump itself there is no slope. */
const threshold = 1.23456;

export const activationRows: Case[] = [
  bend(
    "leakyRelu",
    nearZero,
    [activations.LeakyRelu, nn.LeakyReLU],
    [{ negativeSlope: 0.01 }, { negativeSlope: 0.25 }, { negativeSlope: -1 }],
    (options) => new nn.LeakyReLU(options),
    { onnx: arithmetic },
  ),
  bend(
    "elu",
    nearZero,
    [activations.Elu, nn.ELU],
    [{ alpha: 1 }, { alpha: 0.5 }, { alpha: 3 }],
    (options) => new nn.ELU(options),
  ),
  bend(
    "softplus",
    anywhere,
    [activations.Softplus, nn.Softplus],
    [
      { beta: 1, threshold: 20 },
      { beta: 0.5, threshold: 20 },
      { beta: 2, threshold },
    ],
    (options) => new nn.Softplus(options),
  ),
];
