import { describe, expect, it } from "vitest";
import type { Tensor } from "../01-tensor/index.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { replaceLayers } from "./replace.ts";
import { Residual } from "./residual.ts";
import { Sequential } from "./sequential.ts";

describe("replaceLayers", () => {
  it("finds layers in properties, lists, Maps and nested modules, and names them as stateDict does", () => {
    const model = new Holder();
    const linears = model.stateDict();
    const paths = replaceLayers(model, (layer) => (layer instanceof Linear ? new Dropout(0.5) : null));
    expect(paths).toEqual(["first", "list.0", "named.a", "body.0", "body.1.0"]);
    expect(paths.map((path) => `${path}.weight`).every((path) => path in linears)).toBe(true);
    expect(model.parameters()).toEqual([]);
    expect(model.modules().map(([path, { constructor }]) => `${path}: ${constructor.name}`)).toEqual([
      ": Holder",
      "first: Dropout",
      "list.0: Dropout",
      "named.a: Dropout",
      "body: Sequential",
      "body.0: Dropout",
      "body.1: Residual",
      "body.1.0: Dropout",
    ]);
  });

  it("asks about a shared layer once, and keeps it shared", () => {
    const shared = new Linear(2, 2);
    const model = new Sequential(shared, new Residual(shared));
    let asked = 0;
    replaceLayers(model, (layer) => (layer === shared && ++asked ? new Linear(2, 2, { bias: false }) : null));
    expect(asked).toBe(1);
    expect(model.parameters()).toHaveLength(1);
  });

  it("does not look into what it has put there", () => {
    const model = new Sequential(new Linear(1, 1));
    const wrap = () => new Sequential(new Linear(1, 1), new Linear(1, 1));
    expect(replaceLayers(model, (layer) => (layer instanceof Linear ? wrap() : null))).toEqual(["0"]);
  });
});

class Holder extends Module {
  readonly first = new Linear(2, 2);
  readonly list = [new Linear(2, 2)];
  readonly named = new Map([["a", new Linear(2, 2)]]);
  readonly body = new Sequential(new Linear(2, 2), new Residual(new Linear(2, 2)));
  override forward(x: Tensor): Tensor {
    return x;
  }
}
