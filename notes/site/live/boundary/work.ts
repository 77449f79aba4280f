import type { Settings, StepReport } from "./engines.ts";
import type { Points, Shape } from "./points.ts";

/** What both engines have reached. */
export interface Progress {
  readonly step: number;
  readonly scalar: StepReport & { readonly ms: number };
  readonly tensor: StepReport & { readonly ms: number };
  /** The largest difference between a parameter of one and the same of the other. */
  readonly apart: number;
  /** Scores of the tensor engine on `GRID × GRID` places. */
  readonly grid: Float32Array;
}

export const GRID = 48;

export type BoundaryWork = {
  readonly start: {
    readonly input: {
      readonly points: Points | { readonly shape: Exclude<Shape, "own">; readonly seed: number };
      readonly settings: Settings;
    };
    readonly output: { readonly points: Points; readonly grid: Float32Array };
    readonly progress: never;
  };
  /** Goes on for so many steps, with as many of them as fit into the time. */
  readonly run: {
    readonly input: { readonly steps: number; readonly ms: number };
    readonly output: Progress;
    readonly progress: never;
  };
};
