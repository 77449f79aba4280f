import { divide, FLOAT, LIGHT, type Split } from "../00-runtime/split.ts";

/**
 * Divides by images: for kernels that begin with some arrays, each as long as the images or as the
 * outputs, and go on with the two tables of windows and the sizes.
 */
export const splitImages =
  (...arrays: readonly ("images" | "outputs")[]): Split =>
  (...args) => {
    const [rows, cols, count, channels, ...sizes] = args.slice(arrays.length); // then whatever all parts share
    const [height, width, outHeight, outWidth] = sizes;
    const bytes = {
      images: FLOAT * channels * height * width,
      outputs: FLOAT * channels * outHeight * outWidth,
    };
    const cost = channels * (height * width + outHeight * outWidth) * LIGHT;
    return divide(
      count,
      cost,
      (n, length) => {
        const moved = arrays.map((array, i) => args[i] + n * bytes[array]);
        return [...moved, rows, cols, length, channels, ...sizes];
      },
      1,
    );
  };
