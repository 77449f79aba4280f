import { describe, expect, it } from "vitest";
import { CORETYPE, isNarrow, loadWide, widestCore } from "./core-type.ts";

const avx512 = ["avx", "avx2", "fma", "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"];
const widest = (...flags: string[]) => widestCore(new Set(flags));

describe("widestCore", () => {
  it("needs every flag of a processor's kernels: what it names must not crash", () => {
    expect(widest(...avx512)).toBe("SkylakeX");
    for (const missing of avx512)
      expect(widest(...avx512.filter((flag) => flag !== missing))).not.toBe("SkylakeX");
    expect(widest("avx", "avx2", "fma", "sse2")).toBe("Haswell");
    expect([widest("avx", "avx2"), widest("avx", "fma")]).toEqual(["Sandybridge", "Sandybridge"]);
    expect([widest("sse2", "ssse3"), widest()]).toEqual([null, null]);
  });
});

describe("isNarrow", () => {
  it("compares vectors, whatever the names", () => {
    expect(["Prescott", "Nehalem", "Haswell", "Zen"].map((core) => isNarrow(core, "SkylakeX"))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["SKYLAKEX", "Cooperlake", "SapphireRapids"].map((core) => isNarrow(core, "SkylakeX"))).toEqual([
      false,
      false,
      false,
    ]);
    expect([isNarrow("Zen", "Haswell"), isNarrow("Core2", null)]).toEqual([false, false]);
  });
});

describe("loadWide", () => {
  it("loads an OpenBLAS that chose kernels of 128 bits again, and tells nobody else", () => {
    const library = openblas("Prescott");
    expect(loadWide(library.load, library.set, "SkylakeX", {})).toMatchObject({ instead: "Prescott" });
    expect(library.log).toEqual(["load", "unload", `${CORETYPE}=SkylakeX`, "load", `${CORETYPE}=null`]);
  });

  it("leaves wide kernels, the user's choice and unknown processors alone", () => {
    const once = (core: string, widest: string | null, environment = {}) => {
      const library = openblas(core);
      const { instead } = loadWide(library.load, library.set, widest, environment);
      return [instead, library.log.length];
    };
    expect(once("SkylakeX", "SkylakeX")).toEqual(["", 1]);
    expect(once("Haswell", "SkylakeX")).toEqual(["", 1]);
    expect(once("Prescott", null)).toEqual(["", 1]);
    expect(once("Prescott", "SkylakeX", { [CORETYPE]: "Prescott" })).toEqual(["", 1]);
  });

  it("says where it did not help, or where this is no OpenBLAS", () => {
    const fixed = openblas("Prescott", false);
    expect(loadWide(fixed.load, fixed.set, "Haswell", {}).instead).toBe("");
    const other = () => ({ func: () => thrower, unload: thrower });
    expect(loadWide(other, thrower, "Haswell", {}).instead).toBe("");
  });

  it("takes the variable away again where the second load fails", () => {
    const library = openblas("Prescott");
    let loads = 0;
    const load = () => (loads++ === 0 ? library.load() : thrower());
    expect(() => loadWide(load, library.set, "Haswell", {})).toThrow("none");
    expect(library.log.at(-1)).toBe(`${CORETYPE}=null`);
  });
});

const thrower = (): never => {
  throw new Error("none");
};

/** A library that chooses `core` unless the environment says otherwise when it is loaded. */
function openblas(core: string, listens = true) {
  const log: string[] = [];
  let variable: string | null = null;
  const load = () => {
    log.push("load");
    const loaded = listens ? (variable ?? core) : core;
    return { func: () => () => loaded, unload: () => void log.push("unload") };
  };
  const set = (name: string, value: string | null) => {
    log.push(`${name}=${value}`);
    variable = value;
  };
  return { log, load, set };
}
