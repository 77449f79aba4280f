/** The nearest integer; of two equally near ones the even one, as IEEE 754 and ONNX have it. */
export function toEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1;
  return rest < 0.5 ? below : below + 1;
}
