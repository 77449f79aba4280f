import { describe, expect, it } from "vitest";
import { tensor } from "../01-tensor/index.ts";
import { toDot, toSvg } from "./index.ts";

describe("toDot and toSvg", () => {
  const w = tensor([[1, 2]], { requiresGrad: true });
  const loss = w
    .matmul(tensor([[3], [4]]))
    .tanh()
    .sum();

  it("draw tensors as boxes and operations as ellipses", () => {
    expect(toDot(loss, { names: new Map([[w, 'weight "w" <1|2>']]) })).toMatchInlineSnapshot(`
      "digraph {
        graph [rankdir=LR ranksep=0.3 nodesep=0.15];
        node [shape=record style=filled fillcolor="white" fontname="Helvetica" fontsize=11 height=0.3];
        t0 [label="float32 [] | data 1"];
        t0op [label="Reshape" shape=ellipse fillcolor="#fde68a"];
        t0op -> t0;
        t1 [label="float32 [1, 1] | data 1"];
        t1 -> t0op;
        t1op [label="Sum" shape=ellipse fillcolor="#fde68a"];
        t1op -> t1;
        t2 [label="float32 [1, 1] | data 1"];
        t2 -> t1op;
        t2op [label="Tanh" shape=ellipse fillcolor="#fde68a"];
        t2op -> t2;
        t3 [label="float32 [1, 1] | data 11"];
        t3 -> t2op;
        t3op [label="MatMul" shape=ellipse fillcolor="#fde68a"];
        t3op -> t3;
        t4 [label="weight \\"w\\" \\<1\\|2\\> | float32 [1, 2] | 8 bytes" fillcolor="#dbeafe"];
        t4 -> t3op;
        t5 [label="float32 [2, 1] | 8 bytes"];
        t5 -> t3op;
      }
      "
    `);
  });

  it("draw a tensor that is used twice once", () => {
    const square = w.mul(w);
    expect(toDot(square).match(/^ {2}t\d+ \[/gm)).toHaveLength(2);
    expect(toDot(square).match(/-> t0op/g)).toHaveLength(2);
  });

  it("render", async () => {
    const svg = await toSvg(loss);
    expect(svg).toMatch(/^<svg[\s\S]*MatMul[\s\S]*<\/svg>\s*$/);
  });
});
