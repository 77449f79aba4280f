/** `tensorgrad/train/node`: training on the command line. Node only. */
export {
  type CheckpointInfo,
  Checkpoints,
  type CheckpointsOptions,
  type Display,
  type DisplayOptions,
  Interrupt,
  type InterruptOptions,
  loadCheckpoint,
  loadTensors,
  progressDisplay,
  type SaveOptions,
  type StatefulLoader,
  type StatefulOptimizer,
  saveCheckpoint,
  saveTensors,
  type Training,
} from "./07-training/node.ts";
