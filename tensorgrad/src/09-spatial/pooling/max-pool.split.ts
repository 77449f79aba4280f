import { divide, FLOAT, LIGHT, type Split } from "../../00-runtime/split.ts";
import { splitImages } from "../images.split.ts";

export const maxPool = splitImages("images", "outputs", "outputs");
export const maxPoolGrad = splitImages("outputs", "outputs", "images");

export const maxPoolTake: Split = (v, index, y, count, channels, inputs, outputs) =>
  divide(
    count,
    channels * outputs * LIGHT,
    (n, length) => {
      const [from, to] = [FLOAT * n * channels * inputs, FLOAT * n * channels * outputs];
      return [v + from, index + to, y + to, length, channels, inputs, outputs];
    },
    1,
  );
