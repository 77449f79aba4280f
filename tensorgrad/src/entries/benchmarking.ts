/** `tensorgrad/benchmarking`: what is faster, by how much, and how sure that is. */
export * from "../19-benchmarking/index.ts";
