import type * as ort from "onnxruntime-node";
import { blas, useBlas } from "tensorgrad/runtime";

// Apart from onnx-runtime.ts, whose types are public: those of an optional peer may not be among them.

/** onnxruntime-node is not installed, or does not load: the message says how to get it. */
export class MissingRuntimeError extends Error {
  override readonly name = "MissingRuntimeError";
}

/**
 * Imports ONNX Runtime when it is first needed: it is an optional peer, and brings a large native library. Where it multiplies for
 * us, too (TENSORGRAD_BLAS), it stops doing so: nothing may be its own judge.
 */
export async function loadRuntime(
  load: () => Promise<typeof ort> = () => import("onnxruntime-node"),
): Promise<typeof ort> {
  if (blas().library?.name === "ONNX Runtime") useBlas("off");
  try {
    return await load();
  } catch (cause) {
    throw new MissingRuntimeError(
      "runOnnx: onnxruntime-node cannot be loaded — exported models run in it; " +
        `install it with: npm install --save-dev --ignore-scripts onnxruntime-node (${cause instanceof Error ? cause.message : cause})`,
      { cause },
    );
  }
}

/** `1.30.0` */
export const runtimeVersion = async (): Promise<string> => {
  const { env } = await loadRuntime();
  return env.versions.node ?? env.versions.common;
};
