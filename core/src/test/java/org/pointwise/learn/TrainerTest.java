package org.pointwise.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.learn.Network.Objective;
import org.pointwise.learn.Network.Pixels;
import org.pointwise.tensor.UpperTriangle;
import org.pointwise.testing.Seed;

/** Tests back-propagation and the training by L-BFGS. */
class TrainerTest {
  private static final int CHANNELS = 7;
  private static final Trainer.Settings SETTINGS = new Trainer.Settings(300, 1e-5, 1);

  /** Rings: class 1 surrounds class 0, so that a ReLU layer separates them but no plane does. */
  private static Pixels ringPixels(Random random, int count) {
    float[] values = new float[count * CHANNELS];
    int[] labels = new int[count];
    for (int p = 0; p < count; p++) {
      labels[p] = random.nextInt(2);
      double angle = random.nextDouble() * 2 * Math.PI;
      double radius = 1 + 2 * labels[p] + 0.2 * random.nextGaussian();
      values[p * CHANNELS] = (float) (1000 + radius * Math.cos(angle));
      values[p * CHANNELS + 1] = (float) (radius * Math.sin(angle));
      for (int c = 2; c < CHANNELS; c++) {
        values[p * CHANNELS + c] = (float) (random.nextGaussian() * Math.pow(10, c - 4));
      }
    }
    return new Pixels(values, labels, count);
  }

  private static FeatureMoments moments(Pixels pixels) {
    FeatureMoments found = new FeatureMoments(CHANNELS);
    for (int p = 0; p < pixels.count(); p++) {
      double[] x = new double[CHANNELS];
      for (int c = 0; c < CHANNELS; c++) {
        x[c] = pixels.values()[p * CHANNELS + c];
      }
      int[] labels = pixels.labels();
      int label = labels == null ? FeatureMoments.UNLABELLED : labels[p];
      found
          .groups()
          .computeIfAbsent(label, any -> new Moments(CHANNELS))
          .add(new Moments(CHANNELS, 1, x, new double[UpperTriangle.length(CHANNELS)]));
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 3, CROSS_ENTROPY",
    "4, 3, CROSS_ENTROPY",
    "3, 7, SQUARED_ERROR",
    "0, 7, SQUARED_ERROR"
  })
  void gradientsMatchFiniteDifferences(int hidden, int out, Objective objective) {
    Random random = Seed.random("gradient" + hidden + objective);
    Network network = new Network(CHANNELS, hidden, out, objective);
    int count = 300; // exceeds a block
    float[] values = new float[count * CHANNELS];
    int[] labels = new int[count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    for (int p = 0; p < count; p++) {
      labels[p] = random.nextInt(out);
    }
    Pixels pixels = new Pixels(values, labels, count);
    double[] at = new double[network.parameters()];
    for (int i = 0; i < at.length; i++) {
      at[i] = random.nextGaussian();
    }
    double[] gradient = network.gradient(at, pixels).gradient();
    double step = 1e-7;
    for (int i = 0; i < at.length; i++) {
      double[] upper = at.clone();
      double[] lower = at.clone();
      upper[i] += step;
      lower[i] -= step;
      double slope =
          (network.gradient(upper, pixels).loss() - network.gradient(lower, pixels).loss())
              / (2 * step);
      // A ReLU that changes sign within the step changes the slope by at most the step.
      assertThat(gradient[i]).isCloseTo(slope, within(1e-3 * Math.max(1, Math.abs(slope))));
    }
  }

  @Test
  void gradientsOfPartsAddUp() {
    Random random = Seed.random("parts");
    Network network = new Network(CHANNELS, 3, 2, Objective.CROSS_ENTROPY);
    double[] at = random.doubles(network.parameters(), -1, 1).toArray();
    Pixels first = ringPixels(random, 100);
    Pixels second = ringPixels(random, 321);
    Gradient sum = new Gradient(network);
    sum.add(network.gradient(at, first).toArray());
    sum.add(network.gradient(at, second).toArray());
    assertThat(sum.count()).isEqualTo(421);
    double right = sum.confusion()[0][0] + sum.confusion()[1][1];
    assertThat(ConfusionMatrix.accuracy(sum.confusion())).isEqualTo(right / 421);
  }

  @Test
  void lossDecreasesAndReluSeparatesRings() {
    Pixels pixels = ringPixels(Seed.random("rings"), 2000);
    FeatureMoments found = moments(pixels);
    Network plane = new Network(CHANNELS, 0, 2, Objective.CROSS_ENTROPY);
    Trainer.Result linear = train(found, plane, pixels);
    Network hidden = new Network(CHANNELS, 12, 2, Objective.CROSS_ENTROPY);
    Trainer.Result withRelu = train(found, hidden, pixels);
    assertThat(linear.accuracy()).isLessThan(0.8);
    assertThat(withRelu.accuracy()).isGreaterThan(0.97);
    for (Trainer.Result result : new Trainer.Result[] {linear, withRelu}) {
      assertThat(result.converged()).isTrue();
      for (int i = 1; i < result.losses().size(); i++) {
        assertThat(result.losses().get(i)).isLessThan(result.losses().get(i - 1));
      }
    }
  }

  private static Trainer.Result train(FeatureMoments found, Network network, Pixels pixels) {
    return new Trainer(found, network, SETTINGS)
        .train(parameters -> network.gradient(parameters, pixels), (step, loss) -> {});
  }

  @Test
  void storedLayersScoreAsTrained() {
    Pixels pixels = ringPixels(Seed.random("stored"), 1000);
    FeatureMoments found = moments(pixels);
    Network network = new Network(CHANNELS, 5, 2, Objective.CROSS_ENTROPY);
    Trainer trainer = new Trainer(found, network, SETTINGS);
    Trainer.Result result =
        trainer.train(parameters -> network.gradient(parameters, pixels), (step, loss) -> {});
    LearnedLayer learned = trainer.layer(result);
    int right = 0;
    for (int p = 0; p < pixels.count(); p++) {
      double[] hidden = new double[5];
      for (int o = 0; o < 5; o++) {
        double sum = learned.layer().bias(o);
        for (int c = 0; c < CHANNELS; c++) {
          sum += (double) learned.layer().weight(o, c) * pixels.values()[p * CHANNELS + c];
        }
        hidden[o] = Math.max(0, sum);
      }
      double[] scores = new double[2];
      for (int k = 0; k < 2; k++) {
        scores[k] = learned.head().bias(k);
        for (int o = 0; o < 5; o++) {
          scores[k] += learned.head().weight(k, o) * hidden[o];
        }
      }
      right += (scores[1] > scores[0] ? 1 : 0) == pixels.labels()[p] ? 1 : 0;
    }
    assertThat((double) right / pixels.count()).isCloseTo(result.accuracy(), within(0.002));
    assertThat(learned.metadata()).containsEntry("method", "bottleneck").containsKey("accuracy");
  }

  @Test
  void reconstructionKeepsAtLeastVarianceOfPca() {
    Pixels all = ringPixels(Seed.random("reconstruct"), 1500);
    Pixels pixels = new Pixels(all.values(), null, all.count());
    FeatureMoments found = moments(pixels);
    Network network = new Network(CHANNELS, 2, CHANNELS, Objective.SQUARED_ERROR);
    Trainer trainer = new Trainer(found, network, SETTINGS);
    LearnedLayer learned =
        trainer.layer(
            trainer.train(parameters -> network.gradient(parameters, pixels), (step, loss) -> {}));
    LearnedLayer pca = new Projections(found).pca(new Projections.Target(2, 1));
    assertThat(Double.parseDouble(learned.metadata().get("explainedVariance")))
        .isGreaterThan(Double.parseDouble(pca.metadata().get("explainedVariance")) - 0.01);
  }

  @Test
  void reconstructionIsIndependentOfScale() {
    Pixels small = ringPixels(Seed.random("scale"), 1000);
    double[] kept = new double[2];
    for (int i = 0; i < 2; i++) {
      float[] values = small.values().clone();
      for (int v = 0; v < values.length; v++) {
        values[v] *= i == 0 ? 1 : 4096;
      }
      Pixels pixels = new Pixels(values, null, small.count());
      FeatureMoments found = moments(pixels);
      Network network = new Network(CHANNELS, 3, CHANNELS, Objective.SQUARED_ERROR);
      Trainer trainer = new Trainer(found, network, new Trainer.Settings(300, 1e-4, 1));
      LearnedLayer learned =
          trainer.layer(
              trainer.train(
                  parameters -> network.gradient(parameters, pixels), (step, loss) -> {}));
      kept[i] = Double.parseDouble(learned.metadata().get("explainedVariance"));
    }
    assertThat(kept[0]).isGreaterThan(0.5);
    assertThat(kept[1]).isCloseTo(kept[0], within(1e-3));
  }

  @Test
  void unconvergedTrainingWarnsAndKeepsBest() {
    Pixels pixels = ringPixels(Seed.random("short"), 500);
    Network network = new Network(CHANNELS, 6, 2, Objective.CROSS_ENTROPY);
    Trainer trainer = new Trainer(moments(pixels), network, new Trainer.Settings(3, 1e-5, 1));
    Trainer.Result result =
        trainer.train(parameters -> network.gradient(parameters, pixels), (step, loss) -> {});
    assertThat(result.converged()).isFalse();
    assertThat(result.losses().get(result.losses().size() - 1)).isLessThan(result.losses().get(0));
    assertThat(trainer.layer(result).warnings())
        .singleElement()
        .asString()
        .contains("3 iterations");
  }

  @Test
  void emptyTrainingDataIsRefused() {
    Pixels pixels = ringPixels(Seed.random("none"), 100);
    Network network = new Network(CHANNELS, 0, 2, Objective.CROSS_ENTROPY);
    Trainer trainer = new Trainer(moments(pixels), network, SETTINGS);
    assertThatThrownBy(
            () ->
                trainer.train(
                    parameters ->
                        network.gradient(parameters, new Pixels(new float[0], new int[0], 0)),
                    (step, loss) -> {}))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("none of the pixels");
  }
}
