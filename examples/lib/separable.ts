import { type Random, zeros } from "tensorgrad";
import { TensorDataset } from "tensorgrad/data";

/** A line through the plane: points with normal · p > offset belong to class 1. */
export interface Line {
  normal: readonly [number, number];
  offset: number;
}

/** A random line that passes the centre of the square at a distance of at most 0.3, so that both classes are common. */
export function drawLine(random: Random): Line {
  const angle = 2 * Math.PI * random.uniform();
  return { normal: [Math.cos(angle), Math.sin(angle)], offset: 0.6 * random.uniform() - 0.3 };
}

/**
 * Points of the square [−1, 1]², none of them nearer to the line than `margin`: the classes are linearly separable,
 * with a gap of twice the margin.
 *
 * Shapes  x [count, 2] float32, y [count, 1] float32, 0 or 1
 */
export function separable(
  line: Line,
  { count = 200, margin = 0.1, random }: SeparableOptions,
): TensorDataset {
  const [x, y] = [zeros([count, 2]), zeros([count, 1])];
  const [points, labels] = [x.data, y.data];
  for (let i = 0; i < count; ) {
    const point = [2 * random.uniform() - 1, 2 * random.uniform() - 1];
    const distance = point[0] * line.normal[0] + point[1] * line.normal[1] - line.offset;
    if (Math.abs(distance) < margin) continue;
    points.set(point, 2 * i);
    labels[i++] = Number(distance > 0);
  }
  return new TensorDataset(x, y);
}

export interface SeparableOptions {
  count?: number;
  margin?: number;
  random: Random;
}
