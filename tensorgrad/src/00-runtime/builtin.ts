/**
 * `process.getBuiltinModule`, which loads a module of Node's without an import that a bundler would follow; undefined where
 * there is no Node.
 */
export const builtinModules = (): typeof process.getBuiltinModule | undefined =>
  typeof process === "undefined" ? undefined : process.getBuiltinModule;
