import { afterEach, describe, expect, it, vi } from "vitest";
import { heap, onBlasWarning, useBlas, widestCore } from "../00-runtime/index.ts";
import { advice, type Diagnosis, examine, render } from "./doctor.ts";
import { main } from "./main.ts";

const healthy: Diagnosis = {
  platform: "linux x64",
  cores: 2,
  versions: { tensorgrad: "0.1.0", node: "20.19.0", koffi: "3.3.4", "onnxruntime-node": "1.30.0" },
  simd: 128,
  level: "relaxed",
  threads: { wanted: 2, working: 2, failure: null },
  blas: {
    setting: "auto",
    library: {
      name: "OpenBLAS",
      version: "0.3.21",
      core: "Zen",
      instead: "",
      path: "/usr/lib/libopenblas.so.0",
    },
    refused: [],
    coretype: null,
    widest: "Haswell",
  },
  memory: { live: 640, limit: 2 ** 32 },
  data: { mnist: { train: 60_000, test: 10_000 }, why: null },
};

const poor: Diagnosis = {
  ...healthy,
  versions: { ...healthy.versions, koffi: null, "onnxruntime-node": null },
  threads: { wanted: 2, working: 1, failure: "the reference kernels run on one thread" },
  simd: 0,
  level: null,
  blas: {
    ...healthy.blas,
    library: null,
    refused: ["koffi: it is not installed; npm install koffi"],
  },
  data: { mnist: null, why: "MNIST: nowhere to be found — set TENSORGRAD_DATA" },
};

describe("render", () => {
  it("is a table where all is well", () => {
    expect(render(healthy)).toMatchInlineSnapshot(`
      "tensorgrad 0.1.0
        machine   linux x64, 2 cores, Node 20.19.0
        kernels   WebAssembly SIMD, 128 bits, with fused multiply-add
        threads   2
        BLAS      OpenBLAS 0.3.21 for Zen, /usr/lib/libopenblas.so.0, agrees with the reference kernel
        memory    640 bytes live, at most 4.0 GB
        MNIST     60000 training and 10000 test images
        packages  koffi 3.3.4, onnxruntime-node 1.30.0"
    `);
  });

  it("adds how to get more where there is more to get", () => {
    expect(render(poor)).toMatchInlineSnapshot(`
      "tensorgrad 0.1.0
        machine   linux x64, 2 cores, Node 20.19.0
        kernels   plain TypeScript
        threads   1 instead of 2 (the reference kernels run on one thread)
        BLAS      none, products run on the kernels above
        memory    640 bytes live, at most 4.0 GB
        MNIST     not found
        packages  koffi –, onnxruntime-node –

      To get more:
        - kernels: this runtime lacks WebAssembly SIMD or shared memory; use Node 20.19 or later
        - BLAS: koffi: it is not installed; npm install koffi
        - MNIST: nowhere to be found — set TENSORGRAD_DATA
        - onnxruntime-node is not installed; exported models run in it, and verify compares with it"
    `);
  });
});

describe("advice", () => {
  const blas = (changes: Partial<Diagnosis["blas"]>) =>
    advice({ ...healthy, blas: { ...healthy.blas, ...changes } });

  it("is to let the best kernels run", () => {
    const lines = [
      ...advice({ ...healthy, level: "baseline" }),
      ...advice({ ...healthy, simd: 0, level: "off" }),
    ];
    expect(lines).toMatchInlineSnapshot(`
      [
        "kernels: the baseline build, without fused multiply-add; unset TENSORGRAD_SIMD, or use Node 20.19 or later",
        "kernels: they are switched off; unset TENSORGRAD_SIMD",
      ]
    `);
    expect(render({ ...healthy, level: "baseline" })).toContain("WebAssembly SIMD, 128 bits, baseline");
  });

  it("is to let OpenBLAS choose its kernels", () => {
    const library = { ...healthy.blas.library, core: "Haswell" } as typeof healthy.blas.library;
    const lines = (widest: string | null) => blas({ library, coretype: "Haswell", widest });
    expect(lines("SkylakeX")).toMatchInlineSnapshot(`
      [
        "BLAS: OPENBLAS_CORETYPE=Haswell holds OpenBLAS to that processor's kernels, often at half the speed; unset it",
      ]
    `);
    expect(lines(null)).toEqual(lines("SkylakeX")); // no word from the processor
    expect(lines("Haswell")).toEqual([]);
  });

  it("names the kernels of OpenBLAS that this processor runs, where it took those of an old one", () => {
    const library = { ...healthy.blas.library, core: "Prescott" } as typeof healthy.blas.library;
    expect(blas({ library, widest: "SkylakeX" })).toMatchInlineSnapshot(`
      [
        "BLAS: OpenBLAS computes with kernels for Prescott, this processor runs those for SkylakeX, with vectors twice as wide or more; set OPENBLAS_CORETYPE=SkylakeX",
      ]
    `);
    expect(blas({ library, widest: null })).toEqual([]); // it may be an old one
    const helped = { ...library, core: "SkylakeX", instead: "Prescott" } as typeof library;
    const { blas: line, ...rest } = {
      ...healthy,
      blas: { ...healthy.blas, library: helped, widest: "SkylakeX" },
    };
    expect(render({ ...rest, blas: line }).match(/BLAS .*/)?.[0]).toMatchInlineSnapshot(
      `"BLAS      OpenBLAS 0.3.21 for SkylakeX (by itself it takes Prescott), /usr/lib/libopenblas.so.0, agrees with the reference kernel"`,
    );
    expect(advice({ ...rest, blas: line })).toEqual([]);
  });

  it("is to switch BLAS on again", () => {
    expect(blas({ setting: "off", library: null })).toMatchInlineSnapshot(`
      [
        "BLAS: it is switched off; unset TENSORGRAD_BLAS",
      ]
    `);
  });

  it("is nothing where all is well", () => {
    expect(advice(healthy)).toEqual([]);
  });
});

describe("examine", () => {
  afterEach(() => {
    useBlas("off");
    onBlasWarning(console.warn);
  });

  it("finds versions, kernels and memory", async () => {
    useBlas("off");
    const { versions, simd, memory, cores, blas, platform } = await examine({ OPENBLAS_CORETYPE: "Haswell" });
    expect(versions.node).toBe(process.versions.node);
    expect(versions.tensorgrad).toMatch(/^\d+\.\d+\.\d+$/);
    expect([simd, memory.limit, platform]).toEqual([128, heap.limit, `${process.platform} ${process.arch}`]);
    expect(cores).toBeGreaterThan(0);
    expect(blas).toEqual({
      setting: "off",
      library: null,
      refused: [],
      coretype: "Haswell",
      widest: widestCore(),
    });
  });

  it("counts the images of MNIST, or says where it looked", async () => {
    const { mnist, why } = (await examine()).data;
    if (mnist) expect(mnist).toEqual({ train: 60_000, test: 10_000 });
    else expect(why).toMatch(/^MNIST: .* set TENSORGRAD_DATA to a folder/);
  });
});

describe("tensorgrad doctor", () => {
  const run = async (...args: string[]) => {
    const [out, err]: string[][] = [[], []];
    const code = await main(
      args,
      (line) => out.push(line),
      (text) => err.push(text),
    );
    return { code, out: out.join("\n"), err: err.join("") };
  };
  afterEach(() => vi.unstubAllEnvs());

  it("prints the table, or one JSON object", async () => {
    const table = await run("doctor");
    expect(table.code).toBe(0);
    expect(table.out).toMatch(/^tensorgrad \d.*\n {2}machine {3}/);
    const { code, out } = await run("doctor", "--json");
    expect([code, JSON.parse(out).threads.failure]).toEqual([0, null]);
  });

  it("reports a setting that means nothing", async () => {
    vi.stubEnv("TENSORGRAD_BLAS", "yes");
    vi.resetModules();
    const fresh = await import("./doctor.ts");
    expect((await fresh.examine()).blas).toMatchObject({
      setting: "yes",
      library: null,
      refused: [expect.stringMatching(/^TENSORGRAD_BLAS: "yes" — must be/)],
    });
  });

  it("knows nothing else", async () => {
    const { code, err } = await run("cure");
    expect(code).toBe(2);
    expect(err).toMatchInlineSnapshot(`
      "error: unknown command 'cure'
      "
    `);
  });
});
