import { describe, expect, it } from "vitest";
import { checkNode } from "./builtin.ts";

describe("checkNode", () => {
  it("lets pass this one, and whatever is no Node", () => {
    checkNode();
    checkNode(undefined);
    checkNode({});
    checkNode({ versions: {} });
  });

  it("names one that is too old", () => {
    expect(() => checkNode({ versions: { node: "20.10.0" } })).toThrowErrorMatchingInlineSnapshot(
      `[Error: tensorgrad: this is Node 20.10.0 — it needs process.getBuiltinModule, which Node has since 20.16; update Node]`,
    );
  });
});
