/**
 * URL of tsx's API, as the package sees it that the module at `url` belongs to.
 *
 * Its ESM build is asked for by path: the CommonJS one looks for its own parts in the wrong folder from a worker.
 */
export function tsxBeside(url: string): string {
  const { createRequire } = process.getBuiltinModule("node:module");
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  try {
    return pathToFileURL(
      createRequire(url)
        .resolve("tsx/esm/api")
        .replace(/\.cjs$/, ".mjs"),
    ).href;
  } catch (error) {
    throw new Error(
      `DataLoader: a worker cannot load ${url} — on this Node, TypeScript needs tsx: install it, or compile the module`,
      { cause: error },
    );
  }
}
