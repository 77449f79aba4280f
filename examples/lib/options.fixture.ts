import { Option } from "commander";
import { atMost, exampleOptions, finish, isMain } from "./options.ts";

/** The smallest example there can be: what options.test.ts starts. */
function main(): void {
  const { quick, seed, json, loss, out } = exampleOptions<{ loss: string; out: string }>(
    "tiny",
    "A tiny example",
    [
      new Option("--loss <x>", "the loss to report").default("0.25"),
      new Option("--out <dir>", "where to write").default("out"),
    ],
  );
  const result = { seed, quick, loss: Number(loss), out };
  finish({ json, result, misses: atMost("loss", result.loss, 0.5) });
}

if (isMain(import.meta.url)) main();
