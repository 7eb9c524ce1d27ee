package org.pointwise.learn;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import dev.ludovic.netlib.lapack.JavaLAPACK;
import dev.ludovic.netlib.lapack.LAPACK;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.netlib.util.booleanW;
import org.netlib.util.intW;
import org.pointwise.errors.InvalidInputException;

/**
 * The LAPACK and BLAS routines that this package needs, on small dense row-major float64 matrices.
 * Always uses their Java translation, never an installed native library, so that results are
 * bit-identical on every machine.
 */
final class LinearAlgebra {
  private static final LAPACK LAPACK_IN_JAVA;

  /** Its dgemm returns bit-identical results with and without the vector module. */
  static final BLAS BLAS_IN_JAVA;

  /**
   * Strong references that keep the loggers' levels. The loggers would otherwise warn about missing
   * native libraries, which are not used.
   */
  private static final List<Logger> LOADERS =
      Stream.of(BLAS.class, LAPACK.class)
          .map(of -> Logger.getLogger(of.getPackageName() + ".InstanceBuilder"))
          .toList();

  static {
    LOADERS.forEach(loader -> loader.setLevel(Level.SEVERE));
    LAPACK_IN_JAVA = JavaLAPACK.getInstance();
    BLAS_IN_JAVA = JavaBLAS.getInstance();
  }

  private LinearAlgebra() {}

  /**
   * All eigenvalues, largest first, and the leading eigenvectors, one per row.
   *
   * @param values all n eigenvalues
   * @param vectors [k][n]
   */
  record Eigen(double[] values, double[][] vectors) {}

  /** Computes the eigenvalues of a symmetric matrix and its {@code count} leading eigenvectors. */
  static Eigen symmetric(double[] matrix, int n, int count) {
    return symmetric(matrix, n, values -> count);
  }

  /**
   * Computes the eigenvalues of a symmetric matrix and some leading eigenvectors: reduction to
   * tridiagonal form (dsytrd), all eigenvalues (dsterf), the leading eigenvectors (dstemr, or
   * dsteqr for the rare matrices on which dstemr fails), and back-transformation (dormtr).
   *
   * @param number returns the number of eigenvectors for the eigenvalues, which are in descending
   *     order
   */
  static Eigen symmetric(double[] matrix, int n, ToIntFunction<double[]> number) {
    for (double element : matrix) {
      if (!Double.isFinite(element)) {
        throw new InvalidInputException(
            "Cannot learn from these features: their squares are beyond float32; scale the input by --scale");
      }
    }
    double[] a = matrix.clone();
    double[] diagonal = new double[n];
    double[] offDiagonal = new double[n];
    double[] tau = new double[n];
    double[] work = new double[Math.max(64, 18 * n + 64 * n)];
    intW info = new intW(0);
    LAPACK_IN_JAVA.dsytrd("U", n, a, n, diagonal, offDiagonal, tau, work, work.length, info);
    require(info, "dsytrd");
    double[] values = diagonal.clone();
    LAPACK_IN_JAVA.dsterf(n, values, offDiagonal.clone(), info);
    require(info, "dsterf");
    double[] descending = new double[n];
    for (int i = 0; i < n; i++) {
      descending[i] = values[n - 1 - i];
    }
    int count = number.applyAsInt(descending);
    if (count == 0) {
      return new Eigen(descending, new double[0][]);
    }
    double[] z = new double[Math.multiplyExact(n, count)];
    double[] diagonalCopy = diagonal.clone(); // dstemr overwrites both inputs
    double[] offDiagonalCopy = offDiagonal.clone();
    intW eigenvalueCount = new intW(0);
    double[] eigenvalues = new double[n];
    int[] support = new int[2 * n];
    int[] integers = new int[10 * n];
    LAPACK_IN_JAVA.dstemr(
        "V",
        "I",
        n,
        diagonal,
        offDiagonal,
        0,
        0,
        n - count + 1,
        n,
        eigenvalueCount,
        eigenvalues,
        z,
        n,
        count,
        support,
        new booleanW(true),
        work,
        work.length,
        integers,
        integers.length,
        info);
    if (info.val != 0) {
      z = leadingByQl(diagonalCopy, offDiagonalCopy, n, count);
    }
    LAPACK_IN_JAVA.dormtr("L", "U", "N", n, count, a, n, tau, z, n, work, work.length, info);
    require(info, "dormtr");
    double[][] vectors = new double[count][];
    for (int k = 0; k < count; k++) {
      vectors[k] = Arrays.copyOfRange(z, (count - 1 - k) * n, (count - k) * n);
    }
    return new Eigen(descending, vectors);
  }

  /**
   * Computes the eigenvectors of the {@code count} largest eigenvalues of a symmetric tridiagonal
   * matrix by QL iteration (dsteqr), which computes all eigenvectors. Returns them column-major, in
   * ascending order of the eigenvalues.
   *
   * @param diagonal overwritten by all eigenvalues, ascending
   * @param offDiagonal overwritten
   */
  static double[] leadingByQl(double[] diagonal, double[] offDiagonal, int n, int count) {
    double[] all = new double[Math.multiplyExact(n, n)];
    intW info = new intW(0);
    LAPACK_IN_JAVA.dsteqr(
        "I", n, diagonal, offDiagonal, all, n, new double[Math.max(1, 2 * n)], info);
    require(info, "dsteqr");
    return Arrays.copyOfRange(all, (n - count) * n, n * n);
  }

  /** A singular value decomposition u·diag(s)·vᵀ; u is [rows][rank], vt is [rank][columns]. */
  record Svd(double[][] u, double[] s, double[][] vt) {}

  /** Computes the thin singular value decomposition (dgesvd), largest value first. */
  static Svd svd(double[][] matrix) {
    int rows = matrix.length;
    int columns = matrix[0].length;
    int rank = Math.min(rows, columns);
    double[] a = new double[rows * columns]; // column-major
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        a[j * rows + i] = matrix[i][j];
      }
    }
    double[] s = new double[rank];
    double[] u = new double[rows * rank];
    double[] vt = new double[rank * columns];
    double[] work = new double[5 * (rows + columns) * 34];
    intW info = new intW(0);
    LAPACK_IN_JAVA.dgesvd(
        "S", "S", rows, columns, a, rows, s, u, rows, vt, rank, work, work.length, info);
    require(info, "dgesvd");
    double[][] left = new double[rows][rank];
    double[][] right = new double[rank][columns];
    for (int k = 0; k < rank; k++) {
      for (int i = 0; i < rows; i++) {
        left[i][k] = u[k * rows + i];
      }
      for (int j = 0; j < columns; j++) {
        right[k][j] = vt[j * rank + k];
      }
    }
    return new Svd(left, s, right);
  }

  /** Returns a·b. */
  static double[][] multiply(double[][] a, double[][] b) {
    int rows = a.length;
    int inner = b.length;
    int columns = b[0].length;
    double[] product = new double[rows * columns];
    // A row-major matrix is its column-major transpose: (a·b)ᵀ = bᵀ·aᵀ.
    BLAS_IN_JAVA.dgemm(
        "N", "N", columns, rows, inner, 1, flat(b), columns, flat(a), inner, 0, product, columns);
    double[][] result = new double[rows][];
    for (int i = 0; i < rows; i++) {
      result[i] = Arrays.copyOfRange(product, i * columns, (i + 1) * columns);
    }
    return result;
  }

  static double[][] transpose(double[][] a) {
    double[][] result = new double[a[0].length][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[0].length; j++) {
        result[j][i] = a[i][j];
      }
    }
    return result;
  }

  static double[] flat(double[][] a) {
    double[] all = new double[Math.multiplyExact(a.length, a[0].length)];
    for (int i = 0; i < a.length; i++) {
      System.arraycopy(a[i], 0, all, i * a[0].length, a[0].length);
    }
    return all;
  }

  static double[][] rows(double[] flat, int columns) {
    double[][] rows = new double[flat.length / columns][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
    }
    return rows;
  }

  /** Returns a·x. */
  static double[] multiply(double[][] a, double[] x) {
    double[] y = new double[a.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = dot(a[i], x);
    }
    return y;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Returns |a|. */
  static double norm(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  /**
   * Returns the Moore-Penrose inverse by singular values; values up to the usual tolerance count as
   * 0.
   */
  static double[][] pseudoInverse(double[][] matrix) {
    Svd svd = svd(matrix);
    double min = Math.max(matrix.length, matrix[0].length) * Math.ulp(1.0) * svd.s()[0];
    double[][] inverse = new double[matrix[0].length][matrix.length];
    for (int k = 0; k < svd.s().length && svd.s()[k] > min; k++) {
      for (int i = 0; i < inverse.length; i++) {
        double scaled = svd.vt()[k][i] / svd.s()[k];
        for (int j = 0; j < matrix.length; j++) {
          inverse[i][j] += scaled * svd.u()[j][k];
        }
      }
    }
    return inverse;
  }

  /**
   * Returns a·C⁺ of a covariance C, by its eigenvalues; those within rounding error count as 0. C⁺
   * itself is not computed: where C is nearly singular, the rounding errors of C⁺ would affect the
   * other directions too.
   */
  static double[][] timesInverse(double[][] a, double[][] covariance) {
    int n = covariance.length;
    Eigen eigen = symmetric(flat(covariance), n, n);
    double min = n * Math.ulp(1.0) * eigen.values()[0];
    double[][] along = multiply(a, transpose(eigen.vectors()));
    for (double[] row : along) {
      for (int k = 0; k < n; k++) {
        row[k] = eigen.values()[k] > min ? row[k] / eigen.values()[k] : 0;
      }
    }
    return multiply(along, eigen.vectors());
  }

  private static void require(intW info, String routine) {
    if (info.val != 0) {
      throw new IllegalStateException("LAPACK's %s failed with %d".formatted(routine, info.val));
    }
  }
}
