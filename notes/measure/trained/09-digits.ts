import { gzipSync } from "node:zlib";
import { ImageDataset, RandomCrop } from "tensorgrad/data";
import { MNIST } from "tensorgrad/data/node";
import { AdamW, OneCycle } from "tensorgrad/optim";
import { writeDurably } from "tensorgrad/runtime/node";
import { encodeTensors } from "tensorgrad/train";
import { judge, type Recipe, trainClassifier } from "../../../examples/lib/digit-classifier.ts";
import { parameterCount } from "../../../examples/lib/image-classifier.ts";
import { digitNetwork } from "../../lib/digit-network.ts";
import { report } from "../../lib/measure.ts";

/**
 * The network that reads digits on the site: trains it on all of MNIST, judges it on the 10,000 test images, and writes the files that
 * the pages load: the weights, and every tenth test image. Training images move by up to two pixels, as drawn digits do.
 */
const FOLDER = "notes/site/live/digits";
const seed = 1337;
const SIDE = 28;
const PIXELS = SIDE * SIDE;
const recipe: Recipe = {
  layers: () => [...digitNetwork().layers],
  ...{ epochs: 10, batchSize: 100, labelSmoothing: 0 },
  optimizer: (parameters) => new AdamW(parameters, { lr: 0.005, weightDecay: 0.01 }),
  schedule: (steps) => new OneCycle({ maxLr: 0.005, steps }),
};

/** Every tenth image, in the format of MNIST's own files: 2051 or 2049, the sizes, then bytes. */
function everyTenth({ images, labels }: ImageDataset) {
  const chosen = Uint32Array.from({ length: labels.length / 10 }, (_, i) => 10 * i);
  const pixels = new Uint8Array(chosen.length * PIXELS);
  for (const [k, i] of chosen.entries())
    pixels.set(images.subarray(i * PIXELS, (i + 1) * PIXELS), k * PIXELS);
  const classes = Uint8Array.from(chosen, (i) => labels[i]);
  const set = new ImageDataset(pixels, classes, { shape: [1, SIDE, SIDE] });
  return {
    set,
    images: idx([2051, chosen.length, SIDE, SIDE], pixels),
    labels: idx([2049, chosen.length], classes),
  };
}

function idx(header: readonly number[], bytes: Uint8Array): Uint8Array {
  const words = Buffer.alloc(4 * header.length);
  for (const [i, word] of header.entries()) words.writeUInt32BE(word, 4 * i);
  return gzipSync(Buffer.concat([words, bytes]), { level: 9 });
}

const options = { shape: [1, SIDE, SIDE], download: false };
const train = await MNIST.load({ ...options, split: "train" });
const test = await MNIST.load({ ...options, split: "test" });
const moved = train.with({ transform: new RandomCrop(SIDE, { padding: 2 }) });
const run = await trainClassifier(recipe, { name: "mnist", test }, moved, { seed });
const tenth = everyTenth(test);
const weights = encodeTensors(run.model.stateDict(), {
  ...{ dataset: "mnist", testAccuracy: String(run.testAccuracy), seed: String(seed) },
});
const files = {
  "cnn.safetensors": weights,
  "test-images.idx3.gz": tenth.images,
  "test-labels.idx1.gz": tenth.labels,
};
for (const [name, bytes] of Object.entries(files)) await writeDurably(`${FOLDER}/${name}`, bytes);
report({
  ...{ seed, images: train.length, epochs: run.epochs.length, seconds: run.seconds },
  ...{ parameters: parameterCount(run.model), testAccuracy: run.testAccuracy, testImages: test.length },
  wrong:
    run.confusion.flat().reduce((sum, n) => sum + n, 0) -
    run.confusion.reduce((sum, row, i) => sum + row[i], 0),
  tenth: { images: tenth.set.length, accuracy: judge(run.model, tenth.set).testAccuracy },
  kilobytes: Object.fromEntries(
    Object.entries(files).map(([name, { length }]) => [name.split(".")[0], length / 1000]),
  ),
  history: run.epochs,
});
