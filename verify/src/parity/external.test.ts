import { mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randn } from "tensorgrad";
import { Linear, ReLU, Sequential } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { expect, it } from "vitest";
import { loadRuntime } from "./runtime-library.ts";

it("ONNX Runtime finds weights that an export put beside the model", async () => {
  const folder = mkdtempSync(join(tmpdir(), "external-"));
  const file = openSync(join(folder, "weights.bin"), "w");
  const model = new Sequential(new Linear(30, 40), new ReLU(), new Linear(40, 5));
  const x = randn([2, 30]);
  const write = (bytes: Uint8Array, at: number) => void writeSync(file, bytes, 0, bytes.length, at);
  const path = join(folder, "model.onnx");
  writeFileSync(path, exportOnnx(model, x, { externalData: { location: "weights.bin", from: 100, write } }));
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await InferenceSession.create(path);
  const { output } = await session.run({
    input: new Tensor("float32", x.data.slice() as Float32Array, [2, 30]),
  });
  const ours = model.forward(x).data;
  for (const [i, y] of (output.data as Float32Array).entries()) expect(y).toBeCloseTo(Number(ours[i]), 5);
  await session.release();
  rmSync(folder, { recursive: true });
});
