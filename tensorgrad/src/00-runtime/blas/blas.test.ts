import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { manualSeed, Random, randn, type Tensor, zeros } from "../../entries/index.ts";
import { linear } from "../../entries/nn.ts";
import { blas, heap, onBlasWarning, threads, useBlas, useKernels, useThreads } from "../index.ts";
import { described } from "../product.ts";
import { cuts, leading, panels } from "./call.ts";

useBlas("auto");
const here = blas().library;
useBlas("onnxruntime");
const runtime = blas().library;
useBlas("auto");
const koffi = !blas().refused.some((line) => line.startsWith("koffi: "));
const why = here
  ? ""
  : ` (skipped: no BLAS here, ${blas().refused.join("; ") || "none known for this system"})`;

beforeEach(() => manualSeed(11));
afterEach(() => {
  useKernels("simd");
  useBlas("off");
});

describe("leading", () => {
  it("is the distance between rows where columns are gapless", () => {
    expect(leading(4, 3, 3, 1)).toBe(3);
    expect(leading(4, 3, 10, 1)).toBe(10); // columns cut out of a wider matrix
  });

  it("is minus the distance between columns where rows are gapless", () => {
    expect(leading(4, 3, 1, 4)).toBe(-4);
    expect(leading(4, 3, 1, 9)).toBe(-9);
  });

  it("takes a single row or column with any stride along the other dim", () => {
    expect(leading(1, 3, 0, 1)).toBe(3);
    expect(leading(1, 3, 77, 5)).toBe(-5);
    expect(leading(4, 1, 7, 0)).toBe(7);
    expect(leading(4, 1, 1, 0)).toBe(1);
  });

  it("is 0 for what BLAS cannot say: steps in both dims, repeated or overlapping lines", () => {
    expect([leading(4, 3, 6, 2), leading(4, 3, 0, 1), leading(4, 3, 2, 1), leading(4, 3, -3, 1)]).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it("addresses exactly the elements that the strides address", () => {
    const size = fc.integer({ min: 1, max: 6 });
    const stride = fc.integer({ min: 0, max: 8 });
    fc.assert(
      fc.property(size, size, stride, stride, (rows, cols, rowStride, colStride) => {
        const lead = leading(rows, cols, rowStride, colStride);
        fc.pre(lead !== 0);
        // cblas.h: the leading dimension is at least the length of a stored line.
        expect(Math.abs(lead)).toBeGreaterThanOrEqual(lead > 0 ? cols : rows);
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < cols; j++)
            expect(lead > 0 ? i * lead + j : j * -lead + i).toBe(i * rowStride + j * colStride);
      }),
    );
  });
});

describe("panels", () => {
  const calls = (...list: number[]) => panels(described(list), 1000);

  it("translate strides into transposes and leading dimensions, addresses included", () => {
    const dense = calls(0, 100, 200, 4, 5, 3, 3, 1, 1, 3, 5, 1, 0); // x·wᵀ of a dense layer
    expect(dense).toEqual([[101, 111, 112, 4, 5, 3, 1, 1000, 3, 1100, 3, 0, 1200, 5]]);
  });

  it("are none where BLAS has no words for it, or another answer to it", () => {
    expect(calls(0, 100, 200, 4, 5, 3, 6, 2, 5, 1, 5, 1, 0)).toBeNull(); // every second column
    expect(calls(0, 100, 200, 4, 5, 3, 3, 1, 5, 1, 5, 0, 1)).toBeNull(); // alpha = 0 drops NaN
    expect(calls(0, 100, 200, 4, 5, 0, 1, 1, 5, 1, 5, 1, 1)).toBeNull(); // sums of nothing
  });
});

describe("cuts", () => {
  it("follow from the shape: two panels at least where that pays, about 512 wide, at multiples of 16", () => {
    expect(cuts(512, 512 ** 3)).toEqual([0, 256, 512]);
    expect(cuts(256, 256 ** 3)).toEqual([0, 128, 256]);
    expect(cuts(1000, 1e9)).toEqual([0, 496, 1000]);
    expect(cuts(2048, 1e10)).toEqual([0, 512, 1024, 1536, 2048]);
    expect(cuts(128, 128 ** 3)).toEqual([0, 128]); // over before another thread wakes up
    expect(cuts(40, 1e9)).toEqual([0, 40]);
  });

  it("reach every element of C once, whatever the strides of A and B", () => {
    const size = fc.integer({ min: 1, max: 700 });
    fc.assert(
      fc.property(size, size, fc.boolean(), fc.boolean(), (m, n, aByRows, bByRows) => {
        const k = 300;
        const written = new Set<number>();
        const [aRow, aCol] = aByRows ? [k, 1] : [1, m];
        const [bRow, bCol] = bByRows ? [n, 1] : [1, k];
        const product = described<number>([0, 0, 0, m, n, k, aRow, aCol, bRow, bCol, n, 1, 0]);
        for (const [, , , rows, cols, , , a, , b, , , c, ldc] of panels(product, 0) ?? []) {
          const [i, j] = [Math.floor(c / 4 / ldc), (c / 4) % ldc];
          expect([a, b]).toEqual([4 * i * (aByRows ? k : 1), 4 * j * (bByRows ? 1 : k)]);
          for (const corner of [c, c + 4 * ((rows - 1) * ldc + cols - 1)]) written.add(corner);
        }
        expect(written.has(0) && written.has(4 * (m * n - 1))).toBe(true);
      }),
    );
  });
});

describe(`matmul through ${here?.name ?? "BLAS"}${why}`, () => {
  /** The product by the own kernels, and by the library. */
  const both = (product: () => Tensor): [Tensor, Tensor] => {
    useBlas("off");
    const own = product();
    useBlas("auto");
    return [own, product()];
  };

  it.skipIf(!here)("agrees with the own kernels for views of every kind, batches included", () => {
    const [x, w, wide] = [randn([3, 48, 40]), randn([56, 40]), randn([50, 90])];
    const columns = wide.narrow(1, 7, 40);
    const products: (() => Tensor)[] = [
      () => x.matmul(w.t()),
      () => x.transpose(-2, -1).matmul(randn([48, 33], { random: new Random(1) })),
      () => columns.matmul(w.t()),
      () => columns.t().matmul(wide),
      () => wide.slice(1, 0, 90, 2).matmul(wide.t().narrow(0, 0, 45)), // every second column: not for BLAS
      () =>
        randn([40, 1], { random: new Random(2) })
          .expand(40, 60)
          .matmul(randn([60, 50], { random: new Random(3) })),
      () => linear(x, w, randn([56], { random: new Random(4) })), // adds to the bias: beta = 1
    ];
    for (const product of products) {
      const [own, system] = both(product);
      expect(system.shape).toEqual(own.shape);
      expect(own.sub(system).abs().max().item()).toBeLessThan(1e-4);
    }
  });

  it.skipIf(!here)("rounds in another order, so that last bits tell who computed", () => {
    const [a, b] = [randn([128, 1500]), randn([1500, 128])];
    const [own, system] = both(() => a.matmul(b));
    expect(system.toArray()).not.toEqual(own.toArray());
    useKernels("reference");
    expect(a.matmul(b).sub(system).abs().max().item()).toBeLessThan(1e-3);
  });

  it.skipIf(!here)(
    "leaves small products, products with a vector and float64 to the own kernels, bit by bit",
    () => {
      const cases: [Tensor, Tensor][] = [
        [randn([16, 16]), randn([16, 16])],
        [randn([1, 300]), randn([300, 300])],
        [randn([64, 64]).to("float64"), randn([64, 64]).to("float64")],
      ];
      for (const [a, b] of cases) {
        const [own, system] = both(() => a.matmul(b));
        expect(system.toArray()).toEqual(own.toArray());
      }
    },
  );

  it.skipIf(!here)("gives the same bits on 1, 2, 3 and 4 threads", async () => {
    const shapes = [
      [512, 512, 300],
      [130, 700, 300],
      [600, 130, 257],
      [64, 128, 784],
    ];
    const operands = shapes.map(([m, n, k]) => [randn([m, k]), randn([n, k]).t()]);
    operands.push([randn([6, 96, 128]), randn([6, 128, 96])]);
    const products = () => operands.map(([a, b]) => a.matmul(b).toArray());
    useBlas("auto");
    useThreads(1);
    const expected = products();
    for (const count of [2, 3, 4]) {
      useThreads(count);
      while (threads().working < count && threads().failure === null) {
        operands[0][0].matmul(operands[0][1]);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(threads().working).toBe(count);
      for (let i = 0; i < 3; i++) expect(products()).toEqual(expected);
    }
    useThreads(1);
  });

  it.skipIf(!here)("finds its operands after the heap has grown", () => {
    const a = randn([64, 64]);
    useBlas("auto");
    const before = a.matmul(a).toArray();
    const pages = heap.memory.buffer.byteLength;
    zeros([pages / 4 + 1]);
    expect(heap.memory.buffer.byteLength).toBeGreaterThan(pages);
    expect(a.matmul(a).toArray()).toEqual(before);
  });
});

describe(`matmul through ONNX Runtime${runtime ? "" : " (skipped: no onnxruntime-node here)"}`, () => {
  const side = fc.integer({ min: 90, max: 140 });
  const shapes = fc.record({ m: fc.integer({ min: 2, max: 600 }), n: side, k: side, seed: fc.nat() });
  /** Both ways to store each operand, and a bias that the product is added to. */
  const products = ({ m, n, k, seed }: { m: number; n: number; k: number; seed: number }): Tensor[] => {
    const random = new Random(seed);
    const [a, b, at, bt] = [
      [m, k],
      [k, n],
      [k, m],
      [n, k],
    ].map((shape) => randn(shape, { random }));
    const [left, right] = [
      [a, at.t()],
      [b, bt.t()],
    ];
    return [
      ...left.flatMap((x) => right.map((y) => x.matmul(y))),
      linear(a, bt, randn([n], { random })),
      randn([m, 2 * k], { random })
        .narrow(1, 3, k)
        .matmul(b), // with gaps: left to the own kernel
    ];
  };

  it.skipIf(!runtime)("agrees with the own kernels, for every layout", () => {
    fc.assert(
      fc.property(shapes, (sizes) => {
        useBlas("off");
        const own = products(sizes);
        useBlas("onnxruntime");
        products(sizes).forEach((theirs, i) => {
          expect(own[i].sub(theirs).abs().max().item()).toBeLessThan(2 ** -24 * sizes.k * 100);
        });
      }),
      { numRuns: 8 },
    );
    const { version } = blas().library ?? {};
    expect(blas().library).toMatchObject({
      name: "ONNX Runtime",
      version: expect.stringMatching(/^\d+\.\d+/),
    });
    expect(version).not.toBe("");
  });

  it.skipIf(!runtime)("gives the same bits on 1, 2, 3 and 4 threads", async () => {
    const sizes = { m: 560, n: 60, k: 700, seed: 1 };
    const bits = () => products(sizes).map((y) => Buffer.from(y.data.slice().buffer).toString("base64"));
    useBlas("off");
    const own = bits();
    useBlas("onnxruntime");
    useThreads(1);
    const expected = bits();
    expect(expected).not.toEqual(own); // it was the library that computed
    for (const count of [2, 3, 4]) {
      useThreads(count);
      while (threads().working < count && threads().failure === null) {
        products(sizes);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(threads().working).toBe(count);
      for (let i = 0; i < 3; i++) expect(bits()).toEqual(expected);
    }
    useThreads(1);
  });
});

describe("TENSORGRAD_BLAS", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it("must be auto, off or a path; the first product of any size says so", async () => {
    vi.stubEnv("TENSORGRAD_BLAS", "yes");
    vi.resetModules();
    const { tensor } = await import("../../entries/index.ts");
    expect(() => tensor([[1]]).matmul(tensor([[1]]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TENSORGRAD_BLAS: "yes" — must be "auto", "off", "onnxruntime" or the path of a BLAS library, such as /usr/lib/libopenblas.so]`,
    );
    expect(() => useBlas("openblas")).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: useBlas: "openblas" — must be "auto", "off", "onnxruntime" or the path of a BLAS library, such as /usr/lib/libopenblas.so]`,
    );
  });

  it("off means the own kernels, without a search", () => {
    useBlas("off");
    expect(blas()).toEqual({ setting: "off", library: null, refused: [] });
  });

  it.each(["./libblas.so", "C:\\blas\\mkl_rt.2.dll", "libopenblas.so.0", "/opt/blas.dylib"])(
    "takes %s",
    (path) => {
      expect(() => useBlas(path)).not.toThrow();
    },
  );
});

describe("a BLAS that is not there", () => {
  const warnings: string[] = [];
  const { platform, arch } = process;
  beforeEach(() => onBlasWarning((message) => warnings.push(message)));
  afterEach(() => {
    onBlasWarning(console.warn);
    Object.defineProperty(process, "platform", { value: platform });
    Object.defineProperty(process, "arch", { value: arch });
    vi.restoreAllMocks();
    warnings.length = 0;
  });
  const a = randn([32, 32]);

  it.skipIf(!koffi)("is said once where it was asked for by its path", () => {
    useBlas("/nowhere/libopenblas.so");
    expect(a.matmul(a).shape).toEqual([32, 32]);
    a.matmul(a);
    expect(warnings).toMatchInlineSnapshot(`
      [
        "BLAS: /nowhere/libopenblas.so: there is no such file — matrix products run on tensorgrad's own kernels; TENSORGRAD_BLAS=off hides this",
      ]
    `);
  });

  it.skipIf(!koffi)("is no news for auto", () => {
    Object.defineProperty(process, "platform", { value: platform === "win32" ? "linux" : "win32" });
    Object.defineProperty(process, "arch", { value: "ia32" }); // for which there is no ONNX Runtime
    useBlas("auto");
    a.matmul(a);
    expect(blas().library).toBeNull();
    expect(blas().refused.length).toBeGreaterThan(1);
    expect(new Set(blas().refused.map((line) => line.split(": ")[1]))).toEqual(
      new Set([
        "there is no such library",
        `there is no onnxruntime-node for ${process.platform} ia32; npm install onnxruntime-node`,
      ]),
    );
    expect(warnings).toEqual([]);
  });

  it("is no news for auto where koffi is missing, and is where a path was given", () => {
    const missing = Object.assign(new Error("Cannot find module 'koffi'"), { code: "MODULE_NOT_FOUND" });
    vi.spyOn(process, "getBuiltinModule").mockReturnValue({
      createRequire: () => () => {
        throw missing;
      },
    } as never);
    Object.defineProperty(process, "platform", { value: "linux" });
    useBlas("auto");
    expect(blas()).toMatchObject({ library: null });
    expect(blas().refused[0]).toMatchInlineSnapshot(`"koffi: it is not installed; npm install koffi"`);
    expect(warnings).toEqual([]);
    useBlas("/usr/lib/libopenblas.so");
    blas();
    expect(warnings).toHaveLength(1);
  });

  it("is no news in a runtime without native libraries", () => {
    const own = Object.getOwnPropertyDescriptor(process, "getBuiltinModule") as PropertyDescriptor;
    Object.defineProperty(process, "getBuiltinModule", { value: undefined, configurable: true });
    Object.defineProperty(process, "platform", { value: "linux" });
    useBlas("auto");
    const { refused } = blas();
    Object.defineProperty(process, "getBuiltinModule", own);
    expect(refused[0]).toBe("koffi: this runtime loads no native libraries");
    expect(warnings).toEqual([]);
  });
});
