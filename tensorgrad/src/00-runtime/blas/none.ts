import { noteChange } from "../choices.ts";
import type { ForeignCalls } from "../threads/share.ts";
import type { ReferenceGemm } from "./check.ts";
import { type BlasReport, settingOfEnvironment, valid } from "./setting.ts";

export type { BlasReport };

// Takes the place of blas.ts when the built package is bundled for a browser (the field `browser` of package.json). There
// no library of the system can be called. The functions are the same, and nothing is ever found.

let setting: string | null = null;

export function proveAgainst(_loop: ReferenceGemm): void {}

export const libraryCalls = (_list: readonly number[]): ForeignCalls | null => null;

export const blasBase = (): number => 0;

export function blas(): BlasReport {
  setting ??= settingOfEnvironment();
  return { setting, library: null, refused: ["koffi: this runtime loads no native libraries"] };
}

export function useBlas(wanted: string): void {
  setting = valid(wanted, "useBlas");
  noteChange();
}

export function onBlasWarning(_handler: (message: string) => void): void {}
