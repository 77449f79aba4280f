import assert from "node:assert/strict";
import type { Checks, Solution } from "../../../exercise.ts";

export const solution: Solution = { passes: 2 };

export const checks: Checks = { counted: ({ passes }) => assert.equal(passes, 2) };
