/** `tensorgrad/acceleration`: the same arithmetic in less time. Runs in Node and in browsers. */
export * from "../16-acceleration/index.ts";
