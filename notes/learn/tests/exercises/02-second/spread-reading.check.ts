import assert from "node:assert/strict";
import type { Checks, Solution } from "../../../exercise.ts";

export const solution: Solution = { same: 0 };

export const checks: Checks = { "of ones": ({ same }) => assert.equal(same, 0) };
