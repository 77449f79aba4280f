export type EditWork = {
  /** Runs TypeScript; progress is what it prints, a line each. */
  readonly run: { readonly input: string; readonly output: null; readonly progress: string };
};
