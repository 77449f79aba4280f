import { gradcheck, Random, randn, tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { exportOnnx, importOnnx } from "tensorgrad/onnx";
import { SGD } from "tensorgrad/optim";
import { describe, expect, it } from "vitest";

describe("importOnnx", () => {
  it("gives a module that computes what the exported one does, under the same names", () => {
    const model = network();
    const x = randn([5, 4], { random: new Random(2) });
    const again = importOnnx(exportOnnx(model, x));
    expect(again.forward(x).toArray()).toEqual(model.forward(x).toArray());
    expect(again.namedParameters().map(([name, p]) => [name, p.shape])).toEqual(
      model.namedParameters().map(([name, p]) => [name, p.shape]),
    );
  });

  it("trains as the exported one does: the same losses, step by step", () => {
    const model = network();
    const x = randn([8, 4], { random: new Random(3) });
    const y = tensor([0, 1, 2, 0, 1, 2, 0, 1], { dtype: "int32" });
    const again = importOnnx(exportOnnx(model, x));
    expect(losses(again, x, y)).toEqual(losses(model, x, y));
    expect(losses(again, x, y)[0]).toBeLessThan(losses(network(), x, y)[0]);
  });

  it("has gradients that finite differences confirm", () => {
    const again = importOnnx(exportOnnx(network(), randn([3, 4], { random: new Random(4) }))).to("float64");
    const x = randn([3, 4], { random: new Random(5), dtype: "float64", requiresGrad: true });
    expect(
      gradcheck((x, ...weights) => (weights.length ? again.forward(x) : x), [x, ...again.parameters()]),
    ).toBe(true);
  });

  it("is exported again as the same function", () => {
    const x = randn([2, 4], { random: new Random(6) });
    const once = importOnnx(exportOnnx(network(), x));
    const twice = importOnnx(exportOnnx(once, x));
    expect(twice.forward(x).toArray()).toEqual(once.forward(x).toArray());
    expect(Object.keys(twice.stateDict())).toEqual(Object.keys(once.stateDict()));
  });
});

function network(): nn.Module {
  const random = new Random(1);
  return new nn.Sequential(
    new nn.Linear(4, 6, { random }),
    new nn.GELU(),
    new nn.LayerNorm(6),
    new nn.Linear(6, 3, { random }),
  );
}

function losses(model: nn.Module, x: ReturnType<typeof randn>, y: ReturnType<typeof randn>): number[] {
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  return Array.from({ length: 5 }, () => {
    const loss = nn.crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.item();
  });
}
