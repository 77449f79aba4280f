import {
  bytesPerElement,
  give,
  heap,
  type Operand as KernelOperand,
  Storage,
  type TypedArray,
  viewOf,
} from "../../00-runtime/index.ts";
import { Layout, Tensor } from "../../01-tensor/index.ts";
import type { Plan } from "./plan.ts";
import type { Block, Operand, Place } from "./recording.ts";

/** The memory of a replay, and where the blocks of the recording lie in it. Blocks from outside stay where they are. */
export class Memory {
  readonly #whole: Storage;
  readonly #plan: Plan;
  readonly #parts = new Map<Block, Storage>();

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#whole = new Storage("uint8", plan.bytes, [plan.bytes]);
    give(this.#whole, null); // lives as long as the replay, whichever scope is open
  }

  pointerOf(block: Block): number {
    const from = this.#plan.places.get(block);
    return from === undefined ? block.pointer : this.#whole.pointer + from;
  }

  /** The elements of a block. */
  viewOf(block: Block): TypedArray {
    const { dtype, size } = block.storage;
    return viewOf(dtype, heap.memory.buffer, this.pointerOf(block), size);
  }

  /** What a kernel gets for an operand. */
  operand(place: Place): KernelOperand {
    return operandAt(this.pointerOf(place.block), place);
  }

  /** What JavaScript gets for a tensor of the recording. */
  standIn({ tensor, block }: Operand): Tensor {
    if (!this.#plan.places.has(block)) return tensor;
    const part = this.#parts.get(block) ?? this.part(block);
    if (part.owner !== null) give(part, null);
    this.#parts.set(block, part);
    return onStorage(tensor, part);
  }

  /** Another storage over a block that lies here, of whatever scope is open: who frees it frees nothing. */
  part(block: Block): Storage {
    const { dtype, size } = block.storage;
    const from = this.#plan.places.get(block) as number;
    return new Storage(dtype, size, [size], { of: this.#whole, from });
  }
}

/** An operand in a block that lies at an address. */
export function operandAt(address: number, { block, from, dtype }: Place): KernelOperand {
  const [pointer, { storage }] = [address + from, block];
  const length = storage.size - from / bytesPerElement(dtype);
  return {
    dtype,
    pointer,
    storage,
    get elements() {
      return viewOf(dtype, heap.memory.buffer, pointer, length);
    },
  };
}

export const onStorage = ({ shape, strides, offset }: Tensor, storage: Storage): Tensor =>
  new Tensor(new Layout(storage, shape, strides, offset));
