// Low memory: the module's constants first, then a scratch area that belongs to one instance of the module
// (one thread), then the heap of tensors.

/** Address of this instance's scratch area, 64-byte aligned; its length is scratchBytes. */
@external("env", "scratch")
export declare const scratch: usize;

/** Columns of a packed panel of B: four vectors. */
export const PANEL: usize = 16;
/** Longest stretch of the summed dim that is multiplied at once: a panel of B (24 KiB) then stays in L1. */
export const MAX_DEPTH: usize = 384;
/** Rows of A that are multiplied at once (384 KiB): packed, they stay in L2. */
export const MAX_ROWS: usize = 256;
/** Panels of B that are kept for the next rows of A (768 KiB). */
export const MAX_PANELS: usize = 32;

/** A tile of two rows that overlaps C's edge is written here first. */
export const EDGE_BYTES: usize = 2 * PANEL * 4;
export const PANEL_BYTES: usize = MAX_DEPTH * PANEL * 4;
export const PANELS_BYTES: usize = MAX_PANELS * PANEL_BYTES;

/** The most that a matrix product needs. Kernels that multiply inside keep their own data after it. */
export const PRODUCT_BYTES: usize = EDGE_BYTES + PANELS_BYTES + MAX_ROWS * MAX_DEPTH * 4;

/** 2 MiB: a product, and what convolutions keep of an image beside it. */
export const scratchBytes: usize = 2_097_152;
export const heapBase: usize = __heap_base;
