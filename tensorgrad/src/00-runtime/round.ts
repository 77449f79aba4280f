/** The nearest integer; of two equally near ones the even one, as IEEE 754 and ONNX have it: 0.5 → 0, 1.5 → 2, 2.5 → 2. */
export function toEven(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}
