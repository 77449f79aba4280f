type Given = number | string | boolean | null;

/** What a probe gives: its numbers to six digits, or its message where it throws. As `tried`, for words and truths as well. */
export function attempt(probe: () => readonly Given[]): readonly Given[] {
  try {
    return probe().map((value) => (typeof value === "number" ? rounded(value) : value));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** JSON has no NaN and no infinity. */
const rounded = (value: number): Given =>
  Number.isFinite(value) ? Number(value.toPrecision(6)) || 0 : String(value);
