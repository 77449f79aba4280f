import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { v } from "micrograd";
import { zeros } from "tensorgrad";
import { Benchmark } from "tensorgrad/benchmarking";
import { Alphabet, RandomHorizontalFlip, SyntheticDigits } from "tensorgrad/data";
import {
  CachesTogether,
  Conv2d,
  GPT,
  KVCache,
  Linear,
  MultiHeadAttention,
  mse,
  PositionalEncoding,
  RotaryEmbedding,
  Sequential,
} from "tensorgrad/nn";
import { emit, exportOnnx, trace } from "tensorgrad/onnx";
import { SGD } from "tensorgrad/optim";
import { profile } from "tensorgrad/profiling";
import { Registry } from "tensorgrad/serving";
import { BPETokenizer } from "tensorgrad/text";
import { Trainer } from "tensorgrad/train";
import { saveArrays } from "tensorgrad/train/node";
import { cases, scalarCases, tensors } from "../../../verify/src/index.ts";

const model = () => new Sequential(new Linear(2, 2));
const parameters = () => model().parameters();
const x = () => zeros([2, 2]);
const bytes = () => exportOnnx(model(), x());
const trainer = () => {
  const own = model();
  return new Trainer({ model: own, optimizer: new SGD(own.parameters(), { lr: 0.1 }), loss: mse });
};
const batches = () => [{ x: x(), y: x() }];
const square = () => (one: { square(): unknown }) => one.square();

/** Right values by the type of a parameter; the first pattern that fits. */
const values: readonly (readonly [type: RegExp, make: () => unknown])[] = [
  [/^Tensor\b.*\[\]|readonly Tensor/, () => [x()]],
  [/Parameters|Parameter\[\]|readonly Parameter/, parameters],
  [/^Tensor/, x],
  [/Module|Model/, model],
  [/=>/, () => x],
  [/number\[\]|Shape|NestedArray|NumberArray/, () => [2, 2]],
  [/string\[\]/, () => ["a", "b"]],
  [/number/, () => 2],
  [/string/, () => "a"],
  [/boolean/, () => true],
];

/** Arguments that types alone do not tell. */
const special: Readonly<Record<string, () => readonly unknown[] | Promise<readonly unknown[]>>> = {
  "Benchmark.compareModels": () => [{ a: model() }],
  "Alphabet.encode": () => ["a"],
  "Transform.apply": () => [zeros([1, 1, 2, 2])],
  fromArray: () => [
    [1, 2, 3, 4],
    [2, 2],
  ],
  gradgradcheck: () => [square(), [x()]],
  "PositionalEncoding.forward": () => [zeros([1, 2, 4])],
  "RotaryEmbedding.forward": () => [zeros([1, 1, 2, 4])],
  "MultiHeadAttention.forward": () => [zeros([1, 2, 4])],
  "MultiHeadAttention.weights": () => [zeros([1, 2, 4])],
  "GPT.generate": () => [[0, 1]],
  "GPT.stream": () => [[0, 1]],
  "KVCache.attend": () => [0, ...[1, 2, 3].map(() => zeros([1, 1, 1, 4]))],
  "new QuantizedConv2d": () => [new Conv2d(1, 1, 3)],
  "new QuantizedLinear": () => [new Linear(2, 2)],
  modelOf: () => [emit(trace(model(), [x()]))],
  "Registry.add": () => ["a", fileURLToPath(import.meta.url)],
  "Registry.promote": () => ["a", 1],
  "BPETokenizer.encode": () => ["a"],
  "BPETokenizer.decode": () => [[1, 2]],
  "Trainer.evaluate": () => [batches()],
  "Trainer.fit": () => [batches()],
  readCsv: () => {
    writeFileSync("a.csv", "a,b\n1,2\n3,4\n");
    return ["a.csv"];
  },
  loadNpy: async () => {
    await saveArrays("a.npy", x());
    await saveArrays("a.npz", { a: x(), b: x() });
    return ["a.npy"];
  },
  "new CsvDataset": () => [
    { x: x(), y: x() },
    { features: [], target: {}, options: {} },
  ],
  checkGradients: () => [square(), [tensors({ shape: [2] })]],
  fileParity: () => [bytes()],
  differenceParity: () => [model(), x()],
  gradientParity: () => [model(), x()],
  runOnnx: () => [bytes(), [x()]],
  operationParity: () => [cases[0]],
  parity: () => [model(), x()],
  scalarParity: () => [[]],
  checkScalarCase: () => [scalarCases[0]],
  exportScalars: () => [v(1)],
  scalarTrainingParity: () => [{ p: v(1) }, () => v(1)],
  trainingStepParity: () => [model(), x()],
};

/** Right arguments for the parameters before the options. */
export async function valuesFor(call: string, before: readonly string[]): Promise<readonly unknown[]> {
  const right = call in special ? await special[call]() : null;
  if (call === "loadNpy" && before.length === 2) return ["a.npz", { x: "a", y: "b" }];
  if (right !== null) return right;
  return before.map((type) => values.find(([pattern]) => pattern.test(type))?.[1]() ?? {});
}

const instances: Readonly<Record<string, () => object | Promise<object>>> = {
  Tensor: x,
  Trainer: trainer,
  Benchmark: () => new Benchmark(),
  Alphabet: () => new Alphabet("ab"),
  ImageDataset: () => new SyntheticDigits({ count: 2 }),
  Transform: () => new RandomHorizontalFlip(0.5),
  PositionalEncoding: () => new PositionalEncoding(4, 4),
  RotaryEmbedding: () => new RotaryEmbedding(4),
  MultiHeadAttention: () => new MultiHeadAttention(4, 2),
  GPT: () => new GPT({ vocabSize: 4, maxSeqLen: 4, numLayers: 1, numHeads: 1, embedDim: 4 }),
  KVCache: () => new KVCache({ maxBatchSize: 1, maxSeqLen: 4, numLayers: 1, numKvHeads: 1, headDim: 4 }),
  CachesTogether: () =>
    new CachesTogether([
      new KVCache({ maxBatchSize: 1, maxSeqLen: 4, numLayers: 1, numKvHeads: 1, headDim: 4 }),
    ]),
  Profile: () => profile(() => x().square()),
  Registry: () => new Registry(join(process.cwd(), "registry")),
  BPETokenizer: () => BPETokenizer.train("to be or not to be", { vocabSize: 258 }),
};

export function instanceOf(name: string): object | Promise<object> {
  if (!(name in instances)) throw new Error(`no instance of ${name}`);
  return instances[name]();
}
