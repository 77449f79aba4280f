/**
 * `expect(fn).toHaveGradient([tensors({ shape: [3] })])` in Vitest: import this file once, in a test or a setup file.
 */
import type fc from "fast-check";
import type { Tensor } from "tensorgrad";
import { expect } from "vitest";
import type { TensorFunction } from "./gradients/evaluate.ts";
import { type CheckOptions, checkGradients } from "./gradients/gradients.ts";
import type { PlainFunction } from "./gradients/plain.ts";

interface GradientMatchers<R> {
  /** The function's gradient is that of finite differences, on random inputs: see `checkGradients`. */
  toHaveGradient(inputs: readonly fc.Arbitrary<Tensor>[], options?: CheckOptions): R;
}

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: Vitest's own declaration, which this one extends
  interface Matchers<T = any> extends GradientMatchers<T> {}
}

expect.extend({
  toHaveGradient(fn: TensorFunction | PlainFunction, inputs, options) {
    try {
      checkGradients(fn, inputs, options);
    } catch (error) {
      return { pass: false, message: () => (error as Error).message };
    }
    return { pass: true, message: () => "expected a wrong gradient — it is that of finite differences" };
  },
});
