import { setFlagsFromString } from "node:v8";
import { main as asc } from "assemblyscript/asc";

/** Compiles a piece of AssemblyScript with relaxed SIMD, for measuring, over a memory of its own. */
export async function assemble<Exports extends object>(source: string, pages: number): Promise<Exports> {
  let bytes = new Uint8Array();
  const options = ["-O3", "--noAssert", "--runtime", "stub", "--initialMemory", String(pages)];
  const features = ["--enable", "simd", "--enable", "relaxed-simd"];
  const { error, stderr } = await asc(
    ["measured.ts", ...options, ...features, "--outFile", "measured.wasm"],
    {
      readFile: (name) => (name === "measured.ts" ? source : null),
      writeFile: (_, contents) => {
        bytes = new Uint8Array(contents as Uint8Array);
      },
      listFiles: () => null,
    },
  );
  if (error) throw new Error(stderr.toString());
  // Node 20 has relaxed SIMD behind a flag.
  if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { abort: () => {} } });
  return exports as Exports;
}
