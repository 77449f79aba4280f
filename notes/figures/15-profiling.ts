import { type RooflinePoint, roofline } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

const { cnn, gbPerSecond, gflops } = readLog<{
  readonly cnn: { readonly points: readonly RooflinePoint[] };
  readonly gbPerSecond: number;
  readonly gflops: number;
}>("15-profiling");

export const figures = {
  roofline: () => roofline(cnn.points, { title: "A step of the convolutional network", gbPerSecond, gflops }),
};
