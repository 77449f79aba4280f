import { describe, expect, it } from "vitest";
import { interrupted } from "./checkpoint.ts";

describe("a training that goes on from a file", () => {
  it("ends with the weights of one that was never interrupted, to the last bit", async () => {
    expect(await interrupted({ epochs: 4 })).toEqual({ epochs: 4, difference: 0 });
  });
});
