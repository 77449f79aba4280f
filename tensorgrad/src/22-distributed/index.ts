/** Training on several processes that MPI connects. Node only. */
export { DistributedTrainer, type DistributedTrainerOptions } from "./distributed-trainer.ts";
export { type Group, init, rank, size } from "./group.ts";
export { RankError } from "./mpi.ts";
export { broadcastParameters, parameterHash } from "./parameters.ts";
export { DistributedSampler, type DistributedSamplerOptions } from "./sampler.ts";
export { syncBatchNorm } from "./sync-batch-norm.ts";
