/** What of `process` decides whether this is a Node, and one that is new enough. */
interface Host {
  readonly versions?: { readonly node?: string };
  readonly getBuiltinModule?: typeof process.getBuiltinModule;
}

/**
 * Before 20.16, Node has no `process.getBuiltinModule`: threads, BLAS and files would be missing one by one, each with
 * another message.
 *
 * Throws    Error that names the version
 */
export function checkNode(host: Host | undefined = globalThis.process): void {
  const version = host?.versions?.node;
  if (version === undefined || host?.getBuiltinModule) return;
  throw new Error(
    `tensorgrad: this is Node ${version} — it needs process.getBuiltinModule, which Node has since 20.16; update Node`,
  );
}

checkNode();

/**
 * `process.getBuiltinModule`, which loads a module of Node's without an import that a bundler would follow; undefined where
 * there is no Node.
 */
export const builtinModules = (): typeof process.getBuiltinModule | undefined =>
  typeof process === "undefined" ? undefined : process.getBuiltinModule;
