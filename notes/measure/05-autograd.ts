import { checkpoint, grad, heap, manualSeed, randn, scope, type Tensor } from "tensorgrad";
import { GELU, Linear, Sequential } from "tensorgrad/nn";
import { useBlas, useThreads } from "tensorgrad/runtime";
import { compared, exponent, report } from "../lib/measure.ts";

/** Note 05: what the graph keeps, what forgetting it costs, and what backward costs beside forward. One thread, own kernels. */
useBlas("off");
useThreads(1);
const [WIDTH, BATCH] = [128, 256];
const MB = 2 ** 20;

manualSeed(1);
const x = randn([BATCH, WIDTH]);

/** Linear and GELU, `depth` times. */
const network = (depth: number) =>
  Array.from({ length: depth }, () => new Sequential(new Linear(WIDTH, WIDTH), new GELU()));
type Network = ReturnType<typeof network>;

const run = (layers: Network, h: Tensor): Tensor => layers.reduce((y, layer) => layer.forward(y), h);

/** The same in √depth segments, each of which forgets its inner values until backward comes by. */
function inSegments(layers: Network): Tensor {
  const length = Math.ceil(Math.sqrt(layers.length));
  let h = x;
  for (let i = 0; i < layers.length; i += length) {
    h = checkpoint((input) => run(layers.slice(i, i + length), input), h);
  }
  return h;
}

/** Most bytes in use during forward and backward, over what was there before. */
function peak(layers: Network, forward: () => Tensor): number {
  using _ = scope();
  heap.resetPeak();
  const before = heap.live;
  forward().square().mean().backward();
  for (const layer of layers) layer.zeroGrad();
  // Gradients of parameters are the same for both, and no matter of the graph.
  const gradients = layers.length * (WIDTH * WIDTH + WIDTH) * 4;
  return (heap.peak - before - gradients) / MB;
}

const depths = [4, 9, 16, 36, 64].map((depth) => {
  const layers = network(depth);
  const whole = () => run(layers, x);
  const segments = () => inSegments(layers);
  for (const way of [whole, segments]) peak(layers, way);
  const timed = (way: () => Tensor) => () => void peak(layers, way);
  const ms = compared({ whole: timed(whole), segments: timed(segments) }, { rounds: 9, warmUp: 1 });
  return { depth, whole: peak(layers, whole), segments: peak(layers, segments), ms };
});

/** Forward, forward and backward, and a Hessian times a vector, of eight layers. */
function passes() {
  const layers = network(8);
  const weight = layers[0].parameters()[0];
  const v = randn(weight.shape);
  const loss = () => run(layers, x).square().mean();
  const inScope = (pass: () => void) => () => {
    using _ = scope();
    pass();
  };
  const times = compared({
    forward: inScope(() => void loss()),
    gradient: inScope(() => {
      loss().backward();
      for (const layer of layers) layer.zeroGrad();
    }),
    hessianVector: inScope(() => {
      const [g] = grad(loss(), [weight], { createGraph: true });
      grad(g.mul(v).sum(), [weight]);
    }),
  });
  return {
    ...times,
    backwardOverForward: (times.gradient - times.forward) / times.forward,
    hessianVectorOverGradient: times.hessianVector / times.gradient,
  };
}

const last = depths[depths.length - 1];
report({
  depths,
  wholeExponent: exponent(depths.map(({ depth, whole }) => [depth, whole])),
  segmentsExponent: exponent(depths.map(({ depth, segments }) => [depth, segments])),
  memoryRatio: last.whole / last.segments,
  timeRatio: last.ms.segments / last.ms.whole,
  passes: passes(),
});
