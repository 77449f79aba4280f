import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("./onnxruntime-threads.fixture.ts", import.meta.url));

describe("ONNX Runtime as BLAS, in a program compiled by tsx", () => {
  it("multiplies on every thread, and lets the process end", () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", program], {
      encoding: "utf8",
      timeout: 50_000,
    });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.trim()).toMatch(/^right$|there is no onnxruntime-node|koffi/);
  });
});
