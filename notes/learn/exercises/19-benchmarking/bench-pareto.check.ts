import assert from "node:assert/strict";
import { paretoFront } from "tensorgrad/benchmarking";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

type Row = readonly [name: string, accuracy: number, ms: number];

const TRADE: Row[] = [
  ["large", 0.9, 30],
  ["small", 0.8, 10],
  ["poor", 0.7, 10],
  ["slow", 0.8, 40],
];
const EQUAL: Row[] = [
  ["one", 0.8, 10],
  ["other", 0.8, 10],
  ["slower", 0.8, 11],
];
const LACKING: Row[] = [
  ["whole", 0.8, 10],
  ["unmeasured", Number.NaN, 1],
];

const front = (rows: readonly Row[]): string =>
  paretoFront(rows, [
    { of: ([, accuracy]) => accuracy, better: "more" },
    { of: ([, , ms]) => ms, better: "less" },
  ])
    .map(([name]) => name)
    .join(", ");

const is = (rows: readonly Row[], expected: string, why: string) =>
  assert.equal(front(rows), expected, `${JSON.stringify(rows)}: the front is "${front(rows)}", but ${why}`);

export const checks: Checks = {
  "accuracy against time: what another beats is left out": () =>
    is(TRADE, "large, small", "large beats slow, small beats poor, and neither of these two beats the other"),
  "rows that are equal do not beat each other": () =>
    is(EQUAL, "one, other", "two equal rows are both on it, and a slower one is not"),
  "a row that lacks a metric is on no front": () =>
    is(LACKING, "whole", "what was not measured cannot be compared, and the other row has no rival"),
};

export const probes: Probes = () => [TRADE, EQUAL, LACKING].flatMap((rows) => attempt(() => [front(rows)]));
