// Cyclic Jacobi rotations (Golub & Van Loan 2013, "Matrix Computations", section 8.5), for the
// small symmetric matrices that are left after a subspace iteration.

/** Eigenvalues, largest first, and their unit eigenvectors. */
export interface Eigen {
  values: number[];
  vectors: number[][];
}

type Matrix = number[][];

const MAX_SWEEPS = 60;

function rotateRows(m: Matrix, p: number, q: number, cos: number, sin: number): void {
  const [rowP, rowQ] = [m[p]!, m[q]!];
  for (let k = 0; k < rowP.length; k++) {
    const [a, b] = [rowP[k]!, rowQ[k]!];
    rowP[k] = cos * a - sin * b;
    rowQ[k] = sin * a + cos * b;
  }
}

function rotateColumns(m: Matrix, p: number, q: number, cos: number, sin: number): void {
  for (const row of m) {
    const [a, b] = [row[p]!, row[q]!];
    row[p] = cos * a - sin * b;
    row[q] = sin * a + cos * b;
  }
}

/** The rotation that makes entry (p, q) zero. */
function annihilate(m: Matrix, vectors: Matrix, p: number, q: number): void {
  const theta = (m[q]![q]! - m[p]![p]!) / (2 * m[p]![q]!);
  const tan = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cos = 1 / Math.hypot(tan, 1);
  rotateRows(m, p, q, cos, tan * cos);
  rotateColumns(m, p, q, cos, tan * cos);
  rotateRows(vectors, p, q, cos, tan * cos);
}

function sweep(m: Matrix, vectors: Matrix, negligible: number): boolean {
  let rotated = false;
  for (let p = 0; p < m.length; p++) {
    for (let q = p + 1; q < m.length; q++) {
      if (Math.abs(m[p]![q]!) <= negligible) continue;
      annihilate(m, vectors, p, q);
      rotated = true;
    }
  }
  return rotated;
}

/** All eigenvalues and eigenvectors of a symmetric matrix, given as rows. Deterministic. */
export function symmetricEigen(matrix: readonly (readonly number[])[]): Eigen {
  const m = matrix.map((row) => [...row]);
  const vectors = m.map((_, i) => m.map((_, k) => (i === k ? 1 : 0)));
  const negligible = 1e-16 * Math.hypot(...m.flat());
  for (let n = 0; n < MAX_SWEEPS && sweep(m, vectors, negligible); n++);
  const order = m.map((_, i) => i).sort((a, b) => m[b]![b]! - m[a]![a]!);
  return { values: order.map((i) => m[i]![i]!), vectors: order.map((i) => vectors[i]!) };
}
