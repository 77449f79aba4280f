/**
 * tensorgrad: tensors that remember how they were computed.
 *
 * Read in this order: 00-runtime, 01-tensor, 02-activations, …; each folder's index says what it is for.
 */
export * from "../00-runtime/public.ts";
export * from "../01-tensor/public.ts";
export * from "../05-autograd/public.ts";
