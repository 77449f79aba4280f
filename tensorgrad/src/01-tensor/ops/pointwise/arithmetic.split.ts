import { FLOAT, splitBinary } from "../../../00-runtime/split.ts";

const split = splitBinary(FLOAT);

export {
  split as add,
  split as atan2,
  split as div,
  split as fmod,
  split as maximum,
  split as minimum,
  split as mul,
  split as pow,
  split as sub,
};
