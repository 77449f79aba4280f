import { noGrad, Random, randn, scope, type Tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { useBlas, useThreads } from "tensorgrad/runtime";
import { warmCpuTimes } from "../../lib/cpu-time.ts";
import { report } from "../../lib/measure.ts";

/**
 * Note 17: what integers save in time, on one thread: layers of 512 × 512 by rows, and decoding with a GPT of 10.7 million weights at
 * random. Both float32 ways of the engine, its own kernels and a BLAS, are measured in the same turns; CPU time.
 */
useThreads(1);

/** A name begins with who multiplies floats. */
const prepare = (name: string): void => useBlas(name.startsWith("blas") ? "auto" : "off");

const inScope = (run: () => void) => () => {
  using _ = scope();
  noGrad(run);
};

/** GOP/s of layers, the rounding of their inputs included. */
function products() {
  return [1, 8, 16, 32, 128, 512].map((rows) => {
    const linear = new nn.Linear(512, 512, { bias: false });
    const quantized = new nn.QuantizedLinear(linear);
    const x = randn([rows, 512]);
    const float = inScope(() => linear.forward(x));
    const ways = { simd: float, blas: float, integer: inScope(() => quantized.forward(x)) };
    const { simd, blas, integer } = warmCpuTimes(ways, { rounds: 21, prepare });
    const rate = (microseconds: number) => (2 * rows * 512 * 512) / microseconds / 1e3;
    const faster = { overSimd: simd / integer, overBlas: blas / integer };
    return { rows, simd: rate(simd), blas: rate(blas), integer: rate(integer), ...faster };
  });
}

const linears = (model: nn.Module): (nn.Linear | nn.QuantizedLinear)[] =>
  model
    .modules()
    .map(([, part]) => part)
    .filter((part) => part instanceof nn.Linear || part instanceof nn.QuantizedLinear);

/** A token, and its products alone. */
function decoding() {
  const sizes = { vocabSize: 64, embedDim: 384, numLayers: 6, numHeads: 6, maxSeqLen: 256 } as const;
  const gpt = () => new nn.GPT({ ...sizes, positions: "rotary", tied: false, random: new Random(1) }).eval();
  const [float, quantized] = [gpt(), nn.quantizeModel(gpt())];
  const inputs = new Map([384, 1536].map((n) => [n, randn([1, n])]));
  const multiplied = (model: nn.GPT) => {
    const parts = linears(model);
    return inScope(() => {
      for (const part of parts) part.forward(inputs.get(part.weight.shape[1]) as Tensor);
    });
  };
  const tokens = (model: nn.GPT) => {
    const cache = nn.KVCache.for(model);
    return () => void model.generate([1], { maxLength: 16, temperature: 0, cache });
  };
  const [floatProducts, floatTokens] = [multiplied(float), tokens(float)];
  const ways = { blasProducts: floatProducts, blasTokens: floatTokens, floatProducts, floatTokens };
  const integers = { integerProducts: multiplied(quantized), integerTokens: tokens(quantized) };
  const micros = warmCpuTimes({ ...ways, ...integers }, { rounds: 21, prepare });
  const ratios = (products: number, token: number) => ({
    products: products / micros.integerProducts,
    tokens: token / micros.integerTokens,
  });
  return {
    parameters: float.parameters().reduce((sum, { size }) => sum + size, 0),
    micros,
    own: ratios(micros.floatProducts, micros.floatTokens),
    blas: ratios(micros.blasProducts, micros.blasTokens),
  };
}

report({ time: "CPU", products: products(), decoding: decoding() });
