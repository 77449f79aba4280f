import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { readArguments } from "./arguments.ts";

describe("readArguments", () => {
  it("has defaults for a full run and for a quick one", () => {
    expect(readArguments([])).toEqual({
      quick: false,
      json: false,
      installPeers: false,
      filter: "",
      only: [],
      contenders: [],
      against: null,
      blas: false,
      log: null,
      rounds: 7,
      minutes: 10,
      threads: availableParallelism(),
    });
    expect(readArguments(["--quick", "--json"])).toMatchObject({
      quick: true,
      json: true,
      rounds: 5,
      threads: 2,
    });
  });

  it("compares with a revision in more rounds, on one thread unless told otherwise", () => {
    expect(readArguments(["--against", "main"])).toMatchObject({ against: "main", rounds: 21, threads: 1 });
    expect(readArguments(["--against", "main", "--threads", "2"]).threads).toBe(2);
  });

  it("takes values with a space or an equals sign", () => {
    const options = readArguments(["--filter", "gemm 512", "--contenders=naive,simd1", "--rounds=3"]);
    expect(options).toMatchObject({ filter: "gemm 512", contenders: ["naive", "simd1"], rounds: 3 });
    expect(readArguments(["--only", "gemm,cnn"]).only).toEqual(["gemm", "cnn"]);
  });

  it("refuses what it does not know", () => {
    expect(() => readArguments(["--fast"])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: bench: --fast — unknown flag; flags are --quick, --json, --install-peers, --filter, --only, --contenders, --rounds, --minutes, --threads, --against, --blas, --log]`,
    );
    expect(() => readArguments(["gemm"])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: bench: "gemm" — only flags are understood; flags are --quick, --json, --install-peers, --filter, --only, --contenders, --rounds, --minutes, --threads, --against, --blas, --log]`,
    );
    expect(() => readArguments(["--filter"])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: bench: --filter — needs a value; flags are --quick, --json, --install-peers, --filter, --only, --contenders, --rounds, --minutes, --threads, --against, --blas, --log]`,
    );
    expect(() => readArguments(["--quick=yes"])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: bench: --quick=yes — takes no value; flags are --quick, --json, --install-peers, --filter, --only, --contenders, --rounds, --minutes, --threads, --against, --blas, --log]`,
    );
    expect(() => readArguments(["--only", "simd1"])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bench: --only simd1 — workloads are gemm, mlp, cnn, gpt; contenders are chosen by --contenders]`,
    );
    expect(() => readArguments(["--threads=0"])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bench: --threads 0 — must be a whole number from 1 to 1000]`,
    );
    expect(() => readArguments(["--rounds", "many"])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bench: --rounds many — must be a whole number from 1 to 1000]`,
    );
  });
});
