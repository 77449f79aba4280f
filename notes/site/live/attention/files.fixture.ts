import { readFileSync } from "node:fs";
import { Writer } from "./writer.ts";

const read = (name: string) => readFileSync(new URL(name, import.meta.url));

/** The page's own model, in Node. */
export const openWriter = (): Writer =>
  new Writer(read("../../../../examples/checkpoints/04-tinygpt.safetensors"), read("rows.safetensors"));
