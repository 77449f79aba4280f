import { HEAVY, LIGHT, splitElements, splitUnary } from "../../../00-runtime/split.ts";

const light = splitUnary(LIGHT);
const heavy = splitUnary(HEAVY);
const gradient = splitElements(3, LIGHT);

export {
  gradient as geluGrad,
  gradient as geluTanhGrad,
  gradient as reluGrad,
  gradient as sigmoidGrad,
  gradient as tanhGrad,
  heavy as atan,
  heavy as cos,
  heavy as erf,
  heavy as exp,
  heavy as expm1,
  heavy as gelu,
  heavy as geluTanh,
  heavy as log,
  heavy as log1p,
  heavy as sigmoid,
  heavy as silu,
  heavy as sin,
  heavy as tanh,
  light as abs,
  light as ceil,
  light as clamp,
  light as floor,
  light as neg,
  light as reciprocal,
  light as relu,
  light as round,
  light as rsqrt,
  light as sign,
  light as sqrt,
  light as square,
};
