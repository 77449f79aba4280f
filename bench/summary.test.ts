import { describe, expect, it } from "vitest";
import { allCases, quickCases, type Workload, workloadOf } from "./cases.ts";
import { contenders } from "./contenders.ts";
import { summarize, wantedIn } from "./summary.ts";

describe("summarize", () => {
  it("has every key, null for what was not measured", () => {
    expect(JSON.stringify(summarize([]))).toMatchInlineSnapshot(
      `"{"gemm512":{"naive":null,"micro":null,"simd1":null,"simd2":null,"blas1":null,"cblas1":null},"bandwidth":{"copy":null,"add":null,"relu":null,"mul":null},"speedupOverMath":{"exp":null,"tanh":null,"gelu":null,"sigmoid":null,"geluTanh":null},"overheadUs":null,"mlpStepMs":{"simd1":null,"simd2":null,"blas1":null,"jaxjs":null,"tfjsWasm":null,"torch1":null},"mlpAdamStepMs":{"simd1":null,"simd2":null,"blas1":null,"jaxjs":null,"tfjsWasm":null,"torch1":null},"cnnStepMs":{"simd1":null,"simd2":null,"blas1":null,"blas2":null,"torch1":null,"torch2":null,"torch1ChannelsLast":null,"jaxjs":null},"cnnBnStepMs":{"simd1":null,"simd2":null,"blas1":null,"blas2":null,"torch1":null,"torch2":null,"torch1ChannelsLast":null,"jaxjs":null},"cnnInferMs":{"b1":{"simd1":null,"blas1":null,"torch1":null,"onnxruntime":null},"b64":{"simd1":null,"blas1":null,"torch1":null,"onnxruntime":null}},"gptStepMs":{"small":{"simd1":null,"blas1":null,"blas2":null,"torch1":null,"torch2":null,"jaxjs":null},"medium":{"simd1":null,"blas1":null,"blas2":null,"torch1":null,"torch2":null,"jaxjs":null}},"generate200Ms":{"cache":null,"noCache":null,"torchCache":null}}"`,
    );
  });

  it("finds every figure among the quick cases", () => {
    const everyone = Object.fromEntries(contenders(2).map(({ name }) => [name, 1e-3]));
    const summary = summarize(quickCases.map((one) => ({ case: one, seconds: everyone })));
    expect(JSON.stringify(summary)).not.toContain("null");
    expect(summary.gemm512.simd2).toBe(268);
    expect(summary.bandwidth.add).toBe(201);
    expect(summary.overheadUs).toBe(1000);
    expect(summary.mlpStepMs.torch1).toBe(1);
  });

  it("has all figures of a workload from those whom a run of it alone starts", () => {
    const started = new Set(contenders(2).map(({ name }) => name));
    const results = quickCases
      .filter(({ work }) => workloadOf(work) in wantedIn)
      .map((one) => {
        const wanted = wantedIn[workloadOf(one.work) as Workload].filter((name) => started.has(name));
        return { case: one, seconds: Object.fromEntries(wanted.map((name) => [name, 1e-3])) };
      });
    const { gemm512, mlpStepMs, mlpAdamStepMs, cnnStepMs, cnnBnStepMs, ...rest } = summarize(results);
    const { cnnInferMs, gptStepMs, generate200Ms } = rest;
    const figures = {
      gemm512,
      mlpStepMs,
      mlpAdamStepMs,
      cnnStepMs,
      cnnBnStepMs,
      cnnInferMs,
      gptStepMs,
      generate200Ms,
    };
    expect(JSON.stringify(figures)).not.toContain("null");
  });

  it("divides the time of the loop by that of the kernel", () => {
    const seconds = { naive: 0.012, simd1: 0.001 };
    const results = quickCases.map((one) => ({ case: one, seconds }));
    expect(summarize(results).speedupOverMath).toEqual({
      exp: 12,
      tanh: 12,
      gelu: 12,
      sigmoid: 12,
      geluTanh: 12,
    });
  });

  it("works on a full run as well, whose cases include the quick ones", () => {
    const names = allCases.map(({ name }) => name);
    expect(quickCases.filter(({ name }) => !names.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});
