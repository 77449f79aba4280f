import { Random, randn, type Tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { agreement } from "./agreement.ts";
import { runOnnx } from "./onnx-runtime.ts";
import { copyOf } from "./replay.ts";

const random = new Random(3);

/** Layers of module 09 for images [N, 4, 7, 6], by the operators that they are exported as. */
const layers: Readonly<Record<string, nn.Layer>> = {
  BatchNorm2d: new nn.BatchNorm2d(4),
  GroupNorm: new nn.GroupNorm(2, 4),
  InstanceNorm2d: new nn.InstanceNorm2d(4, { affine: true }),
  MaxPool2d: new nn.MaxPool2d(3, { stride: 2, ceilMode: true }),
  AvgPool2d: new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true }),
  "AdaptiveAvgPool2d, uneven": new nn.AdaptiveAvgPool2d([2, 4]),
  "AdaptiveAvgPool2d of all": new nn.AdaptiveAvgPool2d(1),
  "AdaptiveMaxPool2d, uneven": new nn.AdaptiveMaxPool2d([3, 4]),
  "Upsample, nearest": new nn.Upsample({ scaleFactor: 2 }),
  "Upsample, bilinear": new nn.Upsample({ size: [9, 5], mode: "bilinear", alignCorners: true }),
  unfold: { forward: (x: Tensor) => nn.unfold(x, [2, 3], { padding: 1, stride: 2 }) },
  fold: { forward: (x: Tensor) => nn.fold(nn.unfold(x, 3, { padding: 1 }), [7, 6], 3, { padding: 1 }) },
  ResNet: new nn.ResNet({ inputs: 4, classes: 3, widths: [4, 6], blocks: [1, 1], random }),
};

describe("a layer exported with two images runs on any number of them", () => {
  it.each(Object.entries(layers))("%s", async (_, layer) => {
    const model = new nn.Sequential(layer);
    model.forward(randn([5, 4, 7, 6], { random })); // moves running statistics
    const bytes = exportOnnx(model, randn([2, 4, 7, 6], { random }), { dynamicBatch: true });
    for (const count of [1, 3, 8]) {
      const x = randn([count, 4, 7, 6], { random });
      const ours = model.eval().forward(x);
      const [theirs] = Object.values(await runOnnx(bytes, [copyOf(x)]));
      expect(theirs.shape).toEqual(ours.shape);
      expect(agreement(ours, theirs).maxAbs).toBeLessThan(1e-5);
    }
  });
});
