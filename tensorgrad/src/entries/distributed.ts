/** `tensorgrad/distributed`: training on several processes that MPI connects. Node only. */
export * from "../22-distributed/index.ts";
