import type { CodeExercise } from "../../exercise.ts";

const packed = (bit: string, kept = "data[i] === 0", index = "i >> 3") => `
  expectArgument(isTensor(t), "toSparse", "t", t, "a tensor");
  const { data, shape } = t.contiguous();
  const bitmap = new Uint8Array(Math.ceil(t.size / 8));
  const kept: number[] = [];
  for (let i = 0; i < t.size; i++) {
    if (${kept}) continue;
    bitmap[${index}] |= ${bit};
    kept.push(data[i]);
  }
  return { shape, bitmap, values: t.dtype === "float64" ? Float64Array.from(kept) : Float32Array.from(kept) };`;

export const sparseBits: CodeExercise = {
  id: "sparse-bits",
  kind: "find",
  title: "A bit that falls out of its byte",
  points: 25,
  part: "implementation",
  note: "18-compression#the-code-in-reading-order",
  source: "tensorgrad/src/18-compression/sparse.ts",
  starts: "the bit is counted from the first element",
  task: `
\`toSparse\` leaves out the zeros of a tensor: bit i mod 8 of byte ⌊i/8⌋ says whether element i is kept, and the kept numbers stand in a row.
\`fromSparse\` reads both back.

Small tensors come back as they were. Of larger ones, only the first eight elements do. Find out why, and mend it.`,
  hints: [
    "What is 1 << 9, and what is left of it in a byte?",
    "A byte has bits 0 to 7. Element 9 has a byte of its own; which of its bits is meant?",
    "byte = i >> 3 (⌊i/8⌋), bit = i & 7 (i mod 8), and the mask of the bit is 1 << bit.",
    "for each element that is not 0: set bit (i mod 8) of byte ⌊i/8⌋, and append the number.",
  ],
  mistakes: [
    {
      name: "the bit is counted from the first element",
      wrong: packed("1 << i"),
      says: "Beyond the seventh bit nothing is left of it: a byte holds eight. Count the bit within its byte.",
    },
    {
      name: "the highest bit first",
      wrong: packed("128 >> (i & 7)"),
      says: "Bit 0 is the lowest of a byte. `fromSparse` reads from that end.",
    },
    {
      name: "bits counted among the kept",
      wrong: packed("1 << (kept.length & 7)", undefined, "kept.length >> 3"),
      says: "The bitmap has a bit for each element. Yours has one for each number that was kept.",
    },
  ],
};
