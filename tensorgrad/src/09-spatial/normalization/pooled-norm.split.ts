import { divide, FLOAT, HEAVY, type Split } from "../../00-runtime/split.ts";
import { splitImages } from "../images.split.ts";

export const poolNorm = splitImages("images", "outputs", "outputs");
export const poolNormGrad = splitImages("images", "outputs", "outputs", "images");

/** By channels: every one is a sum over all images. */
export const poolNormSums: Split = (...args) => {
  const [arrays, [count, channels, ...others]] = [args.slice(0, 10), args.slice(10)];
  const outputs = others[1];
  return divide(channels, count * outputs * HEAVY, (c, n) => {
    return [...arrays.map((array) => array + FLOAT * c), count, n, ...others];
  });
};
