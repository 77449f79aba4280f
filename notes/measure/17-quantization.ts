import { fileURLToPath } from "node:url";
import { noGrad, Random, rand, randn, type Tensor } from "tensorgrad";
import { DataLoader } from "tensorgrad/data";
import * as nn from "tensorgrad/nn";
import { useThreads } from "tensorgrad/runtime";
import { loadTensors } from "tensorgrad/train/node";
import { pictures } from "../../examples/lib/cifar-data.ts";
import { committedModel } from "../../examples/lib/cnn-models.ts";
import { build, RECIPES } from "../../examples/lib/gpt-recipe.ts";
import { meanSurprise } from "../../examples/lib/gpt-score.ts";
import { shakespeare, validationWindows } from "../../examples/lib/gpt-texts.ts";
import { judgeImages } from "../../examples/lib/image-classifier.ts";
import { exponent, report } from "../lib/measure.ts";

/**
 * Note 17: how large rounding errors are and how they grow, what rounding costs the committed models, and what it saves in bytes.
 * Needs CIFAR-10 and Shakespeare.
 */
const relative = (y: Tensor, truth: Tensor): number =>
  y.sub(truth).square().mean().sqrt().item() / truth.square().mean().sqrt().item();

/** Layers of width 128 with relu between them, quantized: the error after the first n of them. */
function depths() {
  const points = [1, 2, 4, 8, 16].map((depth) => {
    const random = new Random(1);
    const layers = Array.from({ length: depth }, () => [new nn.Linear(128, 128, { random }), new nn.ReLU()]);
    const model = new nn.Sequential(...layers.flat());
    for (const p of model.parameters()) if (p.rank === 2) p.assign(p.mul(Math.sqrt(6)).detach()); // keeps the size
    const x = randn([256, 128], { random });
    const truth = noGrad(() => model.forward(x));
    nn.quantizeModel(model);
    return { depth, error: relative(model.forward(x), truth) };
  });
  return { points, exponent: exponent(points.map(({ depth, error }) => [depth, error])) };
}

/** One layer, of which only the weights are rounded, only the inputs, or both; and with one input a hundred times as large. */
function sensitivity() {
  const random = new Random(2);
  const linear = new nn.Linear(512, 512, { bias: false, random });
  const plain = randn([256, 512], { random });
  const spiky = plain.mul(rand([512], { random }).lt(0.002).where(50, 1));
  const of = (x: Tensor) => {
    const truth = noGrad(() => linear.forward(x));
    const w = linear.weight.detach();
    const [channel, tensor] = [nn.quantizeInt8(w, { dim: 0 }), nn.quantizeInt8(w)].map(nn.dequantize);
    const rounded = (bits: 7 | 8) => new nn.QuantizedLinear(linear, { bits });
    return {
      weightsByChannel: relative(nn.linear(x, channel), truth),
      weightsByTensor: relative(nn.linear(x, tensor), truth),
      inputs: relative(nn.linear(nn.dequantize(nn.quantizeInt8(x)), w), truth),
      both8: relative(rounded(8).forward(x), truth),
      both7: relative(rounded(7).forward(x), truth),
    };
  };
  return { plain: of(plain), spiky: of(spiky) };
}

/** The nearest float16: 10 bits after the first, down to 2⁻²⁴; beyond 65,504 infinite. */
function float16(x: number): number {
  const step = Math.max(2 ** (Math.floor(Math.log2(Math.abs(x) || 1)) - 10), 2 ** -24);
  const y = Math.round(x / step) * step;
  return Math.abs(y) > 65_504 ? Math.sign(y) * Infinity : y;
}

/** Errors of one rounding: of numbers like weights, and of numbers of very unlike sizes. */
function halfPrecision() {
  const random = new Random(3);
  const even = randn([100_000], { random });
  const uneven = even.mul(randn([100_000], { random }).mul(2).exp()); // within the range of float16
  const of = (t: Tensor) => {
    const half = t.detach().clone();
    half.assign(Float32Array.from(t.data, float16));
    return { int8: relative(nn.dequantize(nn.quantizeInt8(t)), t), float16: relative(half, t) };
  };
  return { even: of(even), uneven: of(uneven) };
}

async function images() {
  const { test, train, name } = await pictures(1, false);
  const accuracy = async (change: (model: nn.Sequential) => void) => {
    const model = await committedModel("threeConv");
    model.eval();
    change(model);
    return judgeImages(model, test).testAccuracy;
  };
  const calibration = [train({ shift: 0, cutout: 0 })].map(
    (data) => new DataLoader(data, { batchSize: 64 })[Symbol.iterator]().next().value as { x: Tensor },
  );
  return {
    data: name,
    before: await accuracy(() => {}),
    measured: await accuracy((model) => nn.quantizeModel(model)),
    minmax: await accuracy((model) => nn.quantizeModel(model, { calibration })),
    percentile: await accuracy((model) => nn.quantizeModel(model, { calibration, method: "percentile" })),
    mse: await accuracy((model) => nn.quantizeModel(model, { calibration, method: "mse" })),
  };
}

async function text() {
  const texts = await shakespeare();
  const file = fileURLToPath(new URL("../../examples/checkpoints/04-tinygpt.safetensors", import.meta.url));
  const { tensors } = await loadTensors(file);
  const recipe = RECIPES.platinum;
  const windows = validationWindows(texts, recipe.model.maxSeqLen);
  const model = build(recipe, texts.train.alphabet.length).eval();
  model.loadStateDict(tensors);
  const bytes = () => model.namedTensors().reduce((sum, [, t]) => sum + t.data.byteLength, 0);
  const [before, bytesBefore] = [meanSurprise(model, windows), bytes()];
  nn.quantizeModel(model);
  const after = meanSurprise(model, windows);
  return { before, after, growth: after / before - 1, bytesBefore, bytesAfter: bytes() };
}

useThreads(1);
report({
  depths: depths(),
  sensitivity: sensitivity(),
  halfPrecision: halfPrecision(),
  images: await images(),
  text: await text(),
});
