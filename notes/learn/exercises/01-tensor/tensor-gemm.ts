import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "tensor-gemm",
  title: "The matrix product in three loops",
  kind: "write",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/01-tensor/ops/products/matmul.reference.ts",
  note: "01-tensor#the-code-in-reading-order",
  task: "C[i, j] = alpha · Σₚ A[i, p]·B[p, j] + beta · C[i, j], with A of m rows and k columns, B of k rows and n columns. A, B and C are flat arrays. A[i, p] lies at i·aRow + p·aCol, B[p, j] at p·bRow + j·bCol, C[i, j] at i·cRow + j: so a transposed matrix needs no copy. Where beta is 0, C may hold anything, NaN too: do not read it.",
  hints: [
    "How many numbers are multiplied for a single element of C?",
    "One loop over rows of A, one over columns of B, one over what both share.",
    "sum = Σ a[i·aRow + p·aCol] · b[p·bRow + j·bCol] for p = 0 … k − 1",
    "for i below m, for j below n: sum ← 0; for p below k: sum ← sum + a[…]·b[…]; c[i·cRow + j] ← alpha·sum + (beta = 0 ? 0 : beta · c[i·cRow + j])",
  ],
  mistakes: [
    {
      name: "strides ignored",
      wrong: `  const { a, b, c, m, n, k, cRow, alpha, beta } = product;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p] * b[p * n + j];
      c[i * cRow + j] = alpha * sum + (beta === 0 ? 0 : beta * c[i * cRow + j]);
    }
  }`,
      says: "The matrices were read as if they lay row by row. A transposed one has other strides.",
    },
    {
      name: "assigned instead of summed",
      wrong: `  const { a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta } = product;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum = a[i * aRow + p * aCol] * b[p * bRow + j * bCol];
      c[i * cRow + j] = alpha * sum + (beta === 0 ? 0 : beta * c[i * cRow + j]);
    }
  }`,
      says: "Only the last of k products is left in each element.",
    },
    {
      name: "alpha and beta ignored",
      wrong: `  const { a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow } = product;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * aRow + p * aCol] * b[p * bRow + j * bCol];
      c[i * cRow + j] = sum;
    }
  }`,
      says: "What stood in C is gone. A layer lays its bias down first and adds the product to it.",
    },
    {
      name: "beta · C although beta is 0",
      wrong: `  const { a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta } = product;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * aRow + p * aCol] * b[p * bRow + j * bCol];
      c[i * cRow + j] = alpha * sum + beta * c[i * cRow + j];
    }
  }`,
      says: "New memory may hold NaN, and 0 · NaN is NaN. With beta 0 the old content must not be read.",
    },
  ],
};
