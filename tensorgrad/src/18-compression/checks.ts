/** Throws  RangeError for a share of weights (channels, heads, …) that leaves none of them, or is none */
export function checkSparsity(call: string, name: string, sparsity: number): void {
  if (sparsity >= 0 && sparsity < 1) return;
  throw new RangeError(
    `${call}: ${name} ${sparsity} — the share that goes is from 0 to below 1; 0.9 removes nine of ten`,
  );
}
