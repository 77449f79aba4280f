import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeDurablySync } from "tensorgrad/runtime/node";
import {
  both,
  type Fate,
  fate,
  kinds,
  noFate,
} from "../../../tensorgrad/tests/08-data/mutated-files.fixture.ts";
import { report } from "../../lib/measure.ts";

/**
 * Note on files of others: what becomes of mutated safetensors, npy, npz, pt and csv files; models are in `onnx-import.ts`. `FUZZ` is
 * how many of each kind are read, `FUZZ_MINUTES` when to stop at the latest. The next run goes on where this one ends (`out/`).
 */
const wanted = Number(process.env.FUZZ ?? 10_000);
const deadline = performance.now() + 60_000 * Number(process.env.FUZZ_MINUTES ?? 60);
const CHUNK = 1_000;

const out = join(import.meta.dirname, "../../../out");
const file = join(out, "mutated-files.json");
mkdirSync(out, { recursive: true });
const all: Record<string, Fate> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const before = process.memoryUsage.rss();

function* left(): Iterable<string> {
  for (let total = CHUNK; total <= wanted; total += CHUNK)
    for (const name of Object.keys(kinds)) if ((all[name] ?? noFate).files < total) yield name;
}

for (const name of left()) {
  if (performance.now() > deadline) break;
  const sofar = all[name] ?? noFate;
  all[name] = both(sofar, fate(kinds[name], CHUNK, 1 + sofar.files));
  writeDurablySync(file, JSON.stringify(all));
}

report({
  files: Object.values(all).reduce((sum, { files }) => sum + files, 0),
  strange: Object.values(all).flatMap(({ strange }) => strange),
  kinds: all,
  grownMB: Math.round((process.memoryUsage.rss() - before) / 2 ** 20),
});
