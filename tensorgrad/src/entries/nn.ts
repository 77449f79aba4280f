/** Layers, activations, losses and the parts of transformers: what models are made of. */
export * from "../02-activations/index.ts";
export * from "../03-layers/index.ts";
export * from "../04-losses/index.ts";
export * from "../09-spatial/public.ts";
export * from "../11-embeddings/public.ts";
export * from "../12-attention/index.ts";
export * from "../13-transformers/public.ts";
export * from "../14-kv-cache/index.ts";
export * from "../17-quantization/index.ts";
export * from "../20-recurrent/index.ts";
