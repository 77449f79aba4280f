// Squares of vectors, four channels each: the transforms of one tile, along its columns and then along its rows. The first pass
// goes to `between`, results that are not for all go to `after`.

import { PRODUCT_BYTES, scratch } from "../../00-runtime/simd/scratch.simd";
import * as line from "./winograd-lines.simd";

// The area of a piece in scratch: what one tile needs between its two passes, then a region of the image with zeros around,
// then the transformed planes of both operands.

/** Between the passes: 6 × 6 vectors. */
@inline
export function between(): usize {
  return scratch + PRODUCT_BYTES;
}
/** After both, where the result is not for all: 4 × 4 vectors, or the 3 × 3 taps of a filter. */
@inline
export function after(): usize {
  return scratch + PRODUCT_BYTES + 640;
}
@inline
export function region(): usize {
  return scratch + PRODUCT_BYTES + 1024;
}

@inline
export const VECTOR: usize = 16;

// ——————————————————————————————————————————————————————————————————————————————————— squares of vectors

/** The planes of one tile of the image: a square of pixels whose rows and columns lie so far apart. */
export function imagePlanes(tile: i32, s: usize, row: usize, col: usize, d: usize, plane: usize): void {
  if (tile == 2) {
    for (let j: usize = 0; j < 4; j++) line.image2(s + j * col, row, between() + j * VECTOR, 4 * VECTOR);
    for (let i: usize = 0; i < 4; i++) line.image2(between() + 4 * i * VECTOR, VECTOR, d + 4 * i * plane, plane);
  } else {
    for (let j: usize = 0; j < 6; j++) line.image4(s + j * col, row, between() + j * VECTOR, 6 * VECTOR);
    for (let i: usize = 0; i < 6; i++) line.image4(between() + 6 * i * VECTOR, VECTOR, d + 6 * i * plane, plane);
  }
}

/** The planes of one tile of the result's gradient. */
export function gradientPlanes(tile: i32, s: usize, row: usize, col: usize, d: usize, plane: usize): void {
  if (tile == 2) {
    for (let j: usize = 0; j < 2; j++) line.gradient2(s + j * col, row, between() + j * VECTOR, 2 * VECTOR);
    for (let i: usize = 0; i < 4; i++) line.gradient2(between() + 2 * i * VECTOR, VECTOR, d + 4 * i * plane, plane);
  } else {
    for (let j: usize = 0; j < 4; j++) line.gradient4(s + j * col, row, between() + j * VECTOR, 4 * VECTOR);
    for (let i: usize = 0; i < 6; i++) line.gradient4(between() + 4 * i * VECTOR, VECTOR, d + 6 * i * plane, plane);
  }
}

/** One tile of the result from its planes, to `after`. */
export function resultTile(tile: i32, s: usize, plane: usize): void {
  if (tile == 2) {
    for (let j: usize = 0; j < 4; j++) line.result2(s + j * plane, 4 * plane, between() + j * VECTOR, 4 * VECTOR);
    for (let i: usize = 0; i < 2; i++) line.result2(between() + 4 * i * VECTOR, VECTOR, after() + 2 * i * VECTOR, VECTOR);
  } else {
    for (let j: usize = 0; j < 6; j++) line.result4(s + j * plane, 6 * plane, between() + j * VECTOR, 6 * VECTOR);
    for (let i: usize = 0; i < 4; i++) line.result4(between() + 6 * i * VECTOR, VECTOR, after() + 4 * i * VECTOR, VECTOR);
  }
}

/** The planes of four filters, whose taps lie at `after`. */
export function filterPlanes(tile: i32, d: usize, plane: usize): void {
  if (tile == 2) {
    for (let j: usize = 0; j < 3; j++) line.filter2(after() + j * VECTOR, 3 * VECTOR, between() + j * VECTOR, 3 * VECTOR);
    for (let i: usize = 0; i < 4; i++) line.filter2(between() + 3 * i * VECTOR, VECTOR, d + 4 * i * plane, plane);
  } else {
    for (let j: usize = 0; j < 3; j++) line.filter4(after() + j * VECTOR, 3 * VECTOR, between() + j * VECTOR, 3 * VECTOR);
    for (let i: usize = 0; i < 6; i++) line.filter4(between() + 3 * i * VECTOR, VECTOR, d + 6 * i * plane, plane);
  }
}

/** The taps of four filters, to `after`, from planes at s. */
export function filterTaps(tile: i32, s: usize, plane: usize): void {
  if (tile == 2) {
    for (let j: usize = 0; j < 4; j++) line.filterGradient2(s + j * plane, 4 * plane, between() + j * VECTOR, 4 * VECTOR);
    for (let i: usize = 0; i < 3; i++) {
      line.filterGradient2(between() + 4 * i * VECTOR, VECTOR, after() + 3 * i * VECTOR, VECTOR);
    }
  } else {
    for (let j: usize = 0; j < 6; j++) line.filterGradient4(s + j * plane, 6 * plane, between() + j * VECTOR, 6 * VECTOR);
    for (let i: usize = 0; i < 3; i++) {
      line.filterGradient4(between() + 6 * i * VECTOR, VECTOR, after() + 3 * i * VECTOR, VECTOR);
    }
  }
}
