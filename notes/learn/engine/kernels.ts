import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { root } from "./catalogue.ts";

/** Compiles the kernels if one of their sources is newer; what is fresh costs no second process. */
export function buildKernels(): void {
  const folder = join(root, "tensorgrad/src");
  const built = join(folder, "generated/kernels.ts");
  const sources = readdirSync(folder, { encoding: "utf8", recursive: true }).filter((file) =>
    file.endsWith(".simd.ts"),
  );
  const isFresh =
    existsSync(built) &&
    sources.every((file) => statSync(join(folder, file)).mtimeMs <= statSync(built).mtimeMs);
  if (isFresh) return;
  console.log("The kernels are compiled once: about half a minute.");
  const { status } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(root, "scripts/build-kernels.ts")],
    {
      ...{ stdio: "inherit", cwd: root },
    },
  );
  if (status !== 0) throw new Error("learn: the kernels could not be compiled — see above");
  utimesSync(built, new Date(), new Date()); // a checkout may have given the sources a later time
}
