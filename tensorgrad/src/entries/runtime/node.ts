/** `tensorgrad/runtime/node`: files that appear whole or not at all. Node only. */
export * from "../../00-runtime/node.ts";
