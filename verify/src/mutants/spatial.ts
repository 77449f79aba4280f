import { spatial } from "tensorgrad/functions";
import type { Mutant } from "./mutant.ts";
import { inBackward, inForward } from "./plant.ts";

const { Convolution, ConvolutionTransposed, ConvolutionWeight } = spatial;

type Geometry = InstanceType<typeof Convolution>["geometry"];

/** The gradients of a convolution, computed with another geometry. */
const withGeometry =
  (change: (geometry: Geometry) => Geometry): Parameters<typeof inBackward>[3] =>
  ({ g, operation, inputs: [x, w] }) => {
    const geometry = change((operation as InstanceType<typeof Convolution>).geometry);
    return [
      new ConvolutionTransposed(geometry, x.shape.slice(2)).apply(g, w),
      new ConvolutionWeight(geometry, w.shape.slice(2)).apply(x, g),
    ];
  };

/** Faults in convolutions: of where the filter lies, how it is turned, and which channels it sees. */
export const spatialMutants: readonly Mutant[] = [
  inBackward(
    "conv2d: gradients one pixel off",
    Convolution,
    "conv2d",
    withGeometry((geometry) => ({ ...geometry, padding: [geometry.padding[0], geometry.padding[1] + 1] })),
  ),
  inBackward(
    "conv2d: gradients with stride and dilation swapped",
    Convolution,
    "conv2d",
    withGeometry((geometry) => ({ ...geometry, stride: geometry.dilation, dilation: geometry.stride })),
  ),
  inForward("conv2d: padding one pixel off", Convolution, "conv2d", (right) => right.pad([1, -1])),
  inForward("conv2d: image turned round, as a filter never was", Convolution, "conv2d", (right) =>
    right.flip([2, 3]),
  ),
  inBackward(
    "conv2d: input gradient with the filter turned round",
    Convolution,
    "conv2d",
    ({ g, operation, inputs: [x, w], gradients: [, dw] }) => {
      const { geometry } = operation as InstanceType<typeof Convolution>;
      return [new ConvolutionTransposed(geometry, x.shape.slice(2)).apply(g, w.flip([2, 3])), dw];
    },
  ),
  inBackward(
    "conv2d: groups in the wrong order",
    Convolution,
    "conv2d",
    ({ gradients: [dx, dw], operation }) => {
      const { groups } = (operation as InstanceType<typeof Convolution>).geometry;
      return [groups > 1 && dx ? dx.flip(1) : dx, dw];
    },
  ),
  inBackward("Conv2d: bias gradient is a mean", Convolution, "Conv2d", ({ g, gradients: [dx, dw, db] }) => [
    dx,
    dw,
    ...(db ? [db.div(Math.max(1, g.shape[2] * g.shape[3]))] : []),
  ]),
  inBackward(
    "convTranspose2d: filters' gradient turned round",
    ConvolutionTransposed,
    "convTranspose2d",
    ({ gradients: [dg, dw] }) => [dg, dw?.flip([2, 3]) ?? null],
  ),
  inBackward(
    "filter gradient: not differentiable again",
    ConvolutionWeight,
    "conv2d's filter gradient",
    ({ gradients }) => gradients.map((gradient) => gradient?.detach() ?? null),
  ),
];
