/** A process that downloads one file and is killed while it does: mirror, data folder, cache, bytes and SHA-256 given. */
import { findFile } from "../../src/08-data/download/source.ts";

const [mirror, data, cache, bytes, sha256] = process.argv.slice(2);
await findFile(
  { title: "Tales", folders: ["tales"], mirrors: [mirror], substitute: "nothing" },
  { name: "a.bin", sha256, packed: { name: "a.bin", bytes: Number(bytes), sha256 } },
  { data, cache, onDownload: ({ bytes: so }) => console.log(so) },
);
