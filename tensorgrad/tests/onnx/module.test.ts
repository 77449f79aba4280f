import { describe, expect, it } from "vitest";
import { heap } from "../../src/00-runtime/index.ts";
import { Function, ones, type Tensor, zeros } from "../../src/01-tensor/index.ts";
import { ReLU } from "../../src/02-activations/index.ts";
import { Dropout, Linear, Module, Parameter, Sequential } from "../../src/03-layers/index.ts";
import { arrayOf, decodeModel, exportOnnx } from "../../src/onnx/index.ts";

class Net extends Module {
  readonly fc1 = new Linear(3, 4);
  readonly rest = new Sequential(new ReLU(), new Dropout(0.5), new Linear(4, 2));
  readonly shift = ones([2]);

  override forward(x: Tensor): Tensor {
    return this.rest.forward(this.fc1.forward(x)).add(this.shift);
  }
}

describe("exportOnnx of a module", () => {
  it("names nodes after the modules that use them, parameters and buffers as stateDict does", () => {
    const net = new Net();
    const { graph } = decodeModel(exportOnnx(net, zeros([1, 3])));
    expect(graph?.name).toBe("Net");
    expect(graph?.node.map(({ name, input }) => `${name}(${input.join(", ")})`)).toEqual([
      "fc1/Gemm(input, fc1.weight, fc1.bias)",
      "rest.0/Relu(fc1/Gemm)",
      "rest.2/Gemm(rest.0/Relu, rest.2.weight, rest.2.bias)",
      "Add(rest.2/Gemm, shift)",
    ]);
    expect(graph?.initializer.map(({ name }) => name).sort()).toEqual(Object.keys(net.stateDict()).sort());
  });

  it("writes the parameters' numbers", () => {
    const net = new Net();
    const { graph } = decodeModel(exportOnnx(net, zeros([1, 3])));
    for (const proto of graph?.initializer ?? []) {
      const own = net.stateDict()[proto.name ?? ""];
      expect(arrayOf(proto)).toEqual({
        dtype: "float32",
        shape: own.shape,
        data: new Float32Array(own.data),
      });
    }
  });

  it("writes a shared parameter once", () => {
    const net = new Sequential(new Tied(), new ReLU());
    const { graph } = decodeModel(exportOnnx(net, zeros([1, 3])));
    expect(graph?.initializer.map(({ name }) => name)).toEqual(["0.a"]);
  });

  it("leaves the module as it was: in training mode, with its own forward, with no more memory", () => {
    const net = new Net();
    net.fc1.eval();
    const example = zeros([1, 3]);
    const before = heap.live;
    exportOnnx(net, example);
    expect([net.training, net.fc1.training, net.rest.training]).toEqual([true, false, true]);
    expect(Object.hasOwn(net.fc1, "forward")).toBe(false);
    expect(heap.live).toBe(before);
  });

  it("names the module of an operation without an ONNX counterpart", () => {
    class Secret extends Function {
      forward(x: Tensor) {
        return x.add(1);
      }
      backward(g: Tensor) {
        return [g];
      }
    }
    const secret = { forward: (x: Tensor) => new Secret().apply(x) };
    const net = new Sequential(new Linear(3, 4), new Sequential(new ReLU(), secret));
    expect(() => exportOnnx(net, zeros([2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: operation Secret in module "1.1" on [2, 4] — it has no ONNX counterpart; compose it from operations that have one, or give its class an onnx() method]`,
    );
    expect(net.forward(zeros([2, 3])).shape).toEqual([2, 4]);
  });

  it("refuses a parameter that is called as an input or an output is", () => {
    class Shadow extends Module {
      readonly input = new Parameter(ones([3]));
      override forward(x: Tensor): Tensor {
        return x.mul(this.input);
      }
    }
    expect(() => exportOnnx(new Shadow(), zeros([2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: two values are called "input", [2, 3] and [3] — inputs, parameters and outputs of a graph share one space of names; rename the module or the parameter]`,
    );
  });
});

/** One weight under two names. */
class Tied extends Module {
  readonly a = new Parameter(ones([3, 3]));
  readonly b = this.a;

  override forward(x: Tensor): Tensor {
    return x.matmul(this.a).matmul(this.b);
  }
}
