import fc from "fast-check";
import { manualSeed } from "tensorgrad";
import {
  blas,
  blockNotRecording,
  currentArena,
  isRecording,
  isRecordingAll,
  kernelChoice,
  threads,
} from "tensorgrad/runtime";
import { afterAll, expect } from "vitest";
import { isSearching } from "../tensorgrad/src/01-tensor/nan-watch.ts";

/**
 * For files that share a worker: each begins as a new process would, and fails if it does not leave it so. Then no file can
 * depend on those before it, in whatever order they come.
 */
const names = new Set(Object.getOwnPropertyNames(globalThis));

const state = () => ({
  properties: fc.readConfigureGlobal(),
  kernels: kernelChoice(),
  threads: threads().wanted,
  blas: blas().setting,
  recording: [isRecording(), isRecordingAll(), blockNotRecording()],
  openScope: currentArena() !== null,
  seeksNaN: isSearching(),
  folder: process.cwd(),
  environment: { ...process.env },
  exitCode: process.exitCode,
  listeners: process.eventNames().map((event) => [event, process.listenerCount(event)]),
  // Zod's copies find one another by such names.
  newGlobals: Object.getOwnPropertyNames(globalThis).filter(
    (name) => !names.has(name) && !name.startsWith("__zod_"),
  ),
  now: Date.now,
  timeout: setTimeout,
  fetch,
  log: console.log,
  warn: console.warn,
  error: console.error,
});

manualSeed(0); // as in a process that has drawn nothing yet
const before = state();

afterAll(() => {
  expect(
    state(),
    "this file leaves something behind for the next: put it back in afterEach, or begin the file with `// own process: why`",
  ).toEqual(before);
});
