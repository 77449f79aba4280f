/** The Function classes of module 09, for tables of proofs. */
export { Convolution, ConvolutionTransposed, ConvolutionWeight } from "./convolution.ts";
