import { Transform } from "node:stream";
import { showBytes } from "../../00-runtime/index.ts";

/** More than this is no data set but an attack on the disk: CIFAR-10 unpacks to 184 MB. */
export const MOST_UNPACKED = 2 ** 30;

/** Passes on what is unpacked, up to the bound. */
export function bounded(most = MOST_UNPACKED): Transform {
  let left = most;
  return new Transform({
    transform(piece: Uint8Array, _, next) {
      left -= piece.length;
      next(left < 0 ? new Error(`it unpacks to more than ${showBytes(most)}`) : null, piece);
    },
  });
}
