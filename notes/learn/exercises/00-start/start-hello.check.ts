import assert from "node:assert/strict";
import { v } from "micrograd";
import { tensor } from "tensorgrad";
import { asked } from "../compare.ts";

const NEEDED = [20, 19] as const;

/** Throws, in words, where something that the exercises need does not work. */
function trySetUp(): void {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const isNew = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
  assert.ok(isNew, `Node is ${process.versions.node}: the exercises need ${NEEDED.join(".")} or newer`);
  const product = tensor([[2, 1]])
    .matmul(tensor([[3], [4]]))
    .item();
  assert.equal(
    product,
    10,
    `tensorgrad: [2, 1] times [3, 4] is ${product}, not 10: npm run build:kernels, then try again`,
  );
}

/** 2·3 + 4 by the scalar engine. */
function hello(): number {
  trySetUp();
  return v(2).mul(3).add(4).data;
}

export const { checks, solution } = asked({
  hello: ["Node and both libraries work, and the number was read", hello],
});
