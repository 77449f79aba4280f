import { divide, FLOAT, LIGHT, type Split } from "../../00-runtime/split.ts";

/** Planes have nothing to do with each other. `plane` says which argument holds them. */
const splitPlanes =
  (plane: 0 | 1): Split =>
  (first, second, planes, height, width, K, L, outHeight, outWidth, ...others) => {
    const sizes = [height * width, K * L * outHeight * outWidth];
    const cost = (sizes[0] + sizes[1]) * LIGHT;
    return divide(
      planes,
      cost,
      (n, length) => {
        const [a, b] = plane === 0 ? sizes : [sizes[1], sizes[0]];
        const moved = [first + FLOAT * n * a, second + FLOAT * n * b];
        return [...moved, length, height, width, K, L, outHeight, outWidth, ...others];
      },
      1,
    );
  };

export const unfold = splitPlanes(0);
export const fold = splitPlanes(1);
