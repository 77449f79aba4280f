import { describe, expect, it, vi } from "vitest";

/** The library twice in one process, each with a heap of its own. */
const copy = async () => {
  vi.resetModules();
  const core = await import("../src/entries/index.ts");
  const nn = await import("../src/entries/nn.ts");
  const optim = await import("../src/entries/optim.ts");
  const onnx = await import("../src/entries/onnx.ts");
  return { ...core, ...nn, ...optim, ...onnx };
};
const A = await copy();
const B = await copy();
// The types are the same, so the compiler sees nothing wrong.
const [a, b] = [A.tensor([1, 2, 3]), B.tensor([10, 20, 30])];
const matrix = B.ones([3, 3]);

/** What the message says, without where the project lies. */
const said = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return String(error).replaceAll(/file:[^;)]*tensorgrad/g, "…/tensorgrad");
  }
  return "nothing";
};

describe("what another copy of the library made", () => {
  it("is refused, naming the two copies", () => {
    expect(said(() => a.add(b))).toMatchInlineSnapshot(
      `"TypeError: add: a tensor of another copy of tensorgrad (…/tensorgrad; this one is …/tensorgrad) — each copy has a heap of its own, and a tensor belongs to one; import all from one place: npm ls tensorgrad shows the copies, npm dedupe makes them one"`,
    );
    expect(said(() => new A.SGD([b], { lr: 0.1 }))).toMatchInlineSnapshot(
      `"TypeError: SGD: a parameter of another copy of tensorgrad (…/tensorgrad; this one is …/tensorgrad) — each copy has a heap of its own, and a tensor belongs to one; import all from one place: npm ls tensorgrad shows the copies, npm dedupe makes them one"`,
    );
    expect(said(() => new A.Sequential(new A.Linear(3, 3), new B.Linear(3, 3)))).toMatchInlineSnapshot(
      `"TypeError: Sequential: layer 1 of another copy of tensorgrad (…/tensorgrad; this one is …/tensorgrad) — each copy has a heap of its own, and a tensor belongs to one; import all from one place: npm ls tensorgrad shows the copies, npm dedupe makes them one"`,
    );
  });

  const calls: Record<string, () => unknown> = {
    "an operand of a comparison": () => a.gt(b),
    "a factor": () => a.matmul(matrix),
    "the left one": () => b.mul(a),
    "a choice": () => a.gt(0).where(a, b),
    "an operand of einsum": () => A.einsum("i,i->", a, b),
    "one of many": () => A.cat([a, b]),
    "a stack": () => A.stack([a, b]),
    "an index": () => a.indexSelect(0, B.tensor([0], { dtype: "int32" })),
    "new values": () => A.zeros([3]).assign(b),
    "an input of a layer": () => new A.Linear(3, 3).forward(b.unsqueeze(0)),
    logits: () => A.crossEntropy(matrix, A.tensor([0, 1, 2], { dtype: "int32" })),
    "a target": () => A.mse(a, b),
    "an input of a softmax": () => A.softmax(b, 0),
    "a state": () => new A.Linear(3, 3).loadStateDict(new B.Linear(3, 3).stateDict()),
    "parameters of Adam": () => new A.Adam(new B.Linear(3, 3).parameters()),
    "parameters of a group": () => new A.SGD([{ params: [b] }], { lr: 1 }),
    "a gradient": () => A.tensor([1, 2, 3], { requiresGrad: true }).mul(2).backward(b),
    "a part of a module": () => {
      class Model extends A.Module {
        readonly inner = new B.Linear(3, 3);
        override forward(x: typeof a) {
          return x;
        }
      }
      return new Model().parameters();
    },
    "a parameter of a module": () => {
      class Model extends A.Module {
        readonly weight = new B.Parameter(B.ones([3]));
        override forward(x: typeof a) {
          return x;
        }
      }
      return new Model().parameters();
    },
    "an input of an operation of one's own": () => {
      class Twice extends A.Function {
        forward(x: typeof a) {
          return x.mul(2);
        }
        backward(g: typeof a) {
          return [g.mul(2)];
        }
      }
      return new Twice().apply(b);
    },
  };
  it.each(Object.entries(calls))("is refused as %s, and changes nothing", (_, call) => {
    const before = [a.toArray(), b.toArray(), A.heap.live];
    expect(said(call)).toMatch(/^TypeError: .* of another copy of tensorgrad \(.*; this one is .*\) — /);
    expect([a.toArray(), b.toArray()]).toEqual(before.slice(0, 2));
  });
});
