import { divideMatrix, FLOAT, LIGHT, type Split, splitBinary } from "../../../00-runtime/split.ts";

const split = splitBinary(1);

export { split as eq, split as ge, split as gt, split as le, split as lt, split as ne };

export const where: Split = (a, b, condition, y, rows, cols, aRow, aCol, bRow, bCol, cRow, cCol) =>
  divideMatrix(rows, cols, LIGHT, false, (r, c, height, width) => {
    const [left, right] = [a + FLOAT * (r * aRow + c * aCol), b + FLOAT * (r * bRow + c * bCol)];
    const [which, to] = [condition + r * cRow + c * cCol, y + FLOAT * (r * cols + c)];
    return [left, right, which, to, height, width, aRow, aCol, bRow, bCol, cRow, cCol];
  });
