/**
 * Pointwise layers as estimators and models of Spark ML.
 *
 * <pre>{@code
 * PCA pca = new PCA().setK(64).setInputCol("features").setOutputCol("reduced");
 * PointwiseModel model = pca.fit(data);
 * Dataset<Row> reduced = model.transform(data);
 * }</pre>
 *
 * <p>A column of features has the type {@code ARRAY<FLOAT>}, {@code ARRAY<DOUBLE>}, {@code
 * VectorUDT} (dense or sparse) or {@code BINARY} (little-endian float32 or float16). A value is one
 * pixel: all have the same number of channels. The output is a dense vector where the input is a
 * vector, else {@code ARRAY<FLOAT>}. The output of null is null.
 *
 * <p>The name of the package is that of the Python package, because PySpark finds the Python class
 * of a stage by the name of its Java class.
 */
@NullMarked
package pointwise.ml;

import org.jspecify.annotations.NullMarked;
