/** What is wrong with the memories of two running means; null if nothing is. */
export function wrongBetas(betas: readonly number[]): string | null {
  if (betas.length !== 2) return `betas = ${betas} — two numbers, for the means of g and of g²`;
  return betas.some((beta) => beta >= 1) ? `betas = ${betas.join(", ")} — each must be below 1` : null;
}
