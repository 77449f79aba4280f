import { createHash } from "node:crypto";
import type { Tensor } from "../01-tensor/index.ts";
import { expectModule, type Module } from "../03-layers/index.ts";
import type { Group } from "./group.ts";
import { expectGroup, init } from "./group.ts";

/** The bytes of a tensor's numbers, row by row; a copy. */
const bytesOf = ({ data }: Tensor): Uint8Array => new Uint8Array(data.slice().buffer);

/**
 * SHA-256 of a model's parameters and buffers: names, shapes and bits.
 *
 * Cost  one pass
 */
export function parameterHash(model: Module): string {
  expectModule("parameterHash", model);
  const hash = createHash("sha256");
  for (const [name, tensor] of Object.entries(model.stateDict())) {
    hash.update(`${name} ${tensor.dtype} [${tensor.shape}]\n`);
    hash.update(bytesOf(tensor));
  }
  return hash.digest("hex");
}

/** Rank 0's parameters and buffers, on all ranks. The models have to be alike. */
export function broadcastParameters(model: Module, group: Group = init()): void {
  expectModule("broadcastParameters", model);
  expectGroup("broadcastParameters", group);
  if (group.size === 1) return;
  for (const tensor of Object.values(model.stateDict())) {
    const bytes = bytesOf(tensor);
    group.broadcast(bytes);
    const type = tensor.data.constructor as new (buffer: ArrayBufferLike) => Float32Array;
    if (group.rank > 0) tensor.assign(new type(bytes.buffer));
  }
}
