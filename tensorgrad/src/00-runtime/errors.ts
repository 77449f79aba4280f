/**
 * The errors of the library. Every message reads
 *
 *   <call as typed>: <what was given, with shapes> — <the rule>[; <the remedy>]
 *
 * Plain `TypeError` and `RangeError` serve where the language's own meaning fits.
 */

/** Shapes or dims that do not go together. */
export class ShapeError extends Error {
  override name = "ShapeError";
}

/** A gradient that cannot be computed, or a backward that returned a wrong one. */
export class GradientError extends Error {
  override name = "GradientError";
}

/** Use of a tensor whose memory was given back. */
export class DisposedError extends Error {
  override name = "DisposedError";
}

/** The tensor heap is full. */
export class HeapError extends Error {
  override name = "HeapError";
}

/** A thread ended in the middle of an operation. */
export class ThreadError extends Error {
  override name = "ThreadError";
}

/** A file or byte sequence that is not what it claims to be. */
export class FormatError extends Error {
  override name = "FormatError";
}

/** `[32, 10]`, `[]`: how shapes are written in every message. */
export const show = (shape: ArrayLike<number>): string => `[${Array.from(shape).join(", ")}]`;

const units = ["bytes", "KB", "MB", "GB"] as const;

/** `1.5 MB`: bytes for people, in powers of 1024. */
export function showBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
