import type { Look, Verdict } from "./look.ts";
import type { Bug, Subject } from "./names.ts";

export type CheckWork = {
  readonly look: {
    readonly input: { readonly subject: Subject; readonly x: number; readonly bug: Bug };
    readonly output: Look;
    readonly progress: never;
  };
  readonly judge: {
    readonly input: { readonly subject: Subject };
    readonly output: readonly Verdict[];
    readonly progress: never;
  };
};
