import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeDurablySync } from "tensorgrad/runtime/node";
import { fuzzFiles, KINDS, type Outcomes } from "../../../tensorgrad/tests/mutated-files.fixture.ts";
import { report } from "../../lib/measure.ts";

/**
 * Note on files of others: what becomes of mutated safetensors, npy, npz, pt and CSV files. `FILE_FUZZ` is how many of all kinds
 * together are read. What was done lies in `out/`, and the next run goes on from there.
 */
const wanted = Number(process.env.FILE_FUZZ ?? 50_000) / Object.keys(KINDS).length;
const CHUNK = 1_000;
const out = join(import.meta.dirname, "../../../out");
const file = join(out, "file-fuzz.json");
mkdirSync(out, { recursive: true });
const all: Record<string, Outcomes> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};

const none = (): Outcomes => ({ files: 0, refused: 0, read: 0, strange: [], longest: 0 });
const before = process.memoryUsage.rss();
for (const kind of Object.keys(KINDS)) {
  for (let so = all[kind] ?? none(); so.files < wanted; ) {
    const more = fuzzFiles(kind, Math.min(CHUNK, wanted - so.files), 1 + so.files);
    so = {
      files: so.files + more.files,
      refused: so.refused + more.refused,
      read: so.read + more.read,
      strange: [...so.strange, ...more.strange].slice(0, 20),
      longest: Math.max(so.longest, more.longest),
    };
    all[kind] = so;
    writeDurablySync(file, JSON.stringify(all));
  }
}

const kinds = Object.values(all);
const sum = (of: "files" | "refused" | "read"): number => kinds.reduce((total, one) => total + one[of], 0);
report({
  kinds: Object.keys(all),
  files: sum("files"),
  refused: sum("refused"),
  read: sum("read"),
  strange: kinds.flatMap(({ strange }) => strange),
  longest: Math.round(Math.max(...kinds.map(({ longest }) => longest))),
  grownMB: Math.round((process.memoryUsage.rss() - before) / 2 ** 20),
});
