package org.pointwise.format.zarr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ChunkLengths;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.StoredLayout;
import org.pointwise.plan.Head;
import org.pointwise.plan.LayoutChoice;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.plan.TileReads;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;

/** The chunks and objects of Zarr outputs, for random arrays, tiles and requests. */
class ZarrGeometryTest {
  private static final int CASES = 60;
  private static final Axis[] AXES = {Axis.N, Axis.Y, Axis.X};

  @TempDir Path folder;
  private final Random random = new Random(Seed.value());

  @Test
  void layoutsKeepTheirLimits() throws Exception {
    for (int number = 0; number < CASES; number++) {
      FeatureSource source = draw(number);
      ChunkLengths requested =
          random.nextBoolean()
              ? ChunkLengths.CHOOSE
              : new ChunkLengths(random.nextInt(4), random.nextInt(9), random.nextInt(9));
      boolean growing = random.nextBoolean();
      long shardBytes = List.of(Reduction.CHOOSE, 0L, 5_000L, 1L << 20).get(random.nextInt(4));
      ReducePlan plan = plan(source, new LayoutChoice(shardBytes, requested, growing, null));
      Extent chunk = plan.output().chunk();
      Extent object = plan.output().shard();
      String description =
          "case %d: %s, tiles %s, %s, growing %s, %d: %s in %s"
              .formatted(
                  number,
                  source.info().shape(),
                  source.info().tile(),
                  requested,
                  growing,
                  shardBytes,
                  chunk,
                  object);
      for (Axis axis : AXES) {
        assertThat(object.length(axis) % chunk.length(axis)).as(description).isZero();
        if (requested.length(axis) > 0) {
          boolean endless = axis == Axis.N && source.info().axes().has(Axis.N);
          long maxLength = endless ? Integer.MAX_VALUE : source.info().shape().length(axis);
          assertThat((long) chunk.length(axis))
              .as(description)
              .isEqualTo(Math.min(maxLength, requested.length(axis)));
        }
      }
      if (!source.info().axes().has(Axis.N)) {
        assertThat(object.n()).as(description).isEqualTo(1);
      }
      boolean sharded = shardBytes != 0;
      if (requested.n() == 0 && chunk.n() > 1 && sharded) {
        assertThat(chunk.pixels() * 4 * plan.layers().get(0).outChannels())
            .as(description)
            .isLessThanOrEqualTo(1 << 20);
      }
    }
  }

  @Test
  void inputChunksAreDecodedAsOftenAsThePlanStates() throws Exception {
    int once = 0;
    for (int number = 0; number < CASES / 2; number++) {
      Extent tile = new Extent(1 + random.nextInt(5), 1 + random.nextInt(5), 1 + random.nextInt(5));
      long chunks = 1L + random.nextInt(3);
      FeatureShape shape = new FeatureShape(chunks * tile.n(), 2L * tile.y(), tile.x(), 8);
      FeatureSource source =
          Reductions.open(
              Arrays4.random(random, shape)
                  .zarr(folder + "/in" + number, 3, "n,y,x,c", tile, tile));
      ChunkLengths requested =
          new ChunkLengths(random.nextInt(4), random.nextInt(9), random.nextInt(9));
      long shardBytes = number % 2 == 0 ? Reduction.CHOOSE : 0;
      Reduction spec =
          spec(new LayoutChoice(shardBytes, requested, false, null), folder + "/out" + number);
      double average = ReducePlan.of(spec, source.info()).tileReads().average();
      once += average == 1 ? 1 : 0;
      ObjectNode report = Reductions.run(spec, source, 1);
      assertThat(report.at("/thisRun/chunks").asLong(-1))
          .as("case %d, tiles %s, chunks %s", number, tile, requested)
          .isEqualTo(Math.round(average * 2 * chunks));
    }
    assertThat(once).isBetween(CASES / 4, CASES / 2 - 1);
  }

  @Test
  void thePlanNamesTheChunksThatAreReadOnce() throws Exception {
    Extent tile = new Extent(25, 6, 3); // two per image, so that a reader cannot keep it
    Arrays4 array = Arrays4.random(random, new FeatureShape(75, 6, 6, 8));
    FeatureSource source =
        Reductions.open(array.zarr(folder + "/many.zarr", 3, "n,y,x,c", tile, tile));
    ChunkLengths single = new ChunkLengths(1, 0, 0);
    TileReads reads = plan(source, new LayoutChoice(0, single, false, null)).tileReads();
    assertThat(reads.average()).isEqualTo(25);
    assertThat(reads.chunk()).isEqualTo("n=25");
    LayoutChoice advised = new LayoutChoice(0, ChunkLengths.parse(reads.chunk()), false, null);
    assertThat(plan(source, advised).tileReads().average()).isEqualTo(1);
  }

  @Test
  void nightsOfFewImagesFillObjects() throws Exception {
    int nights = 365;
    int each = 3;
    FeatureSource first = images(each);
    LayoutChoice growing = new LayoutChoice(Reduction.CHOOSE, ChunkLengths.CHOOSE, true, null);
    Extent object = plan(first, growing).output().shard();
    long atOnce = plan(images(nights * each), LayoutChoice.of(Reduction.CHOOSE)).unitCount();
    assertThat((nights * each - 1) / object.n() + 1L).isLessThanOrEqualTo(2 * atOnce);
  }

  @Test
  void otherChunksThanStoredAreRefused() throws Exception {
    FeatureSource source = images(4);
    ReducePlan made = plan(source, LayoutChoice.of(Reduction.CHOOSE));
    LayoutChoice other =
        new LayoutChoice(
            Reduction.CHOOSE,
            new ChunkLengths(3, 0, 0),
            false,
            new StoredLayout(made.output().chunk(), made.output().shard(), true));
    assertThatThrownBy(() -> plan(source, other))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("chunks of n=3")
        .hasMessageContaining("--overwrite");
  }

  @Test
  void textsOfOtherFormsAreRefused() {
    assertThat(ChunkLengths.parse("x=7, n=2")).isEqualTo(new ChunkLengths(2, 0, 7));
    for (String wrong : List.of("", "n", "n=0", "n=-1", "c=4", "n=1,n=2", "n=1.5", "n=1,", "8,8")) {
      assertThatThrownBy(() -> ChunkLengths.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("n=1,y=64,x=64");
    }
  }

  private FeatureSource images(int count) throws Exception {
    Arrays4 array = Arrays4.random(random, new FeatureShape(count, 6, 6, 8));
    String path = folder + "/in" + count + ".zarr";
    return Reductions.open(
        array.zarr(path, 3, "n,y,x,c", new Extent(1, 6, 6), new Extent(1, 6, 6)));
  }

  @Test
  void hugeChunksAreRefused() throws Exception {
    for (ChunkLengths huge :
        List.of(new ChunkLengths(999_999_999, 0, 0), new ChunkLengths(999_999_999, 6, 6))) {
      LayoutChoice layout = new LayoutChoice(Reduction.CHOOSE, huge, random.nextBoolean(), null);
      assertThatThrownBy(() -> plan(images(4), layout))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("use a smaller --chunk");
    }
  }

  @Test
  void indexesOfChosenShardsAreSmall() throws Exception {
    ChunkLengths pixels = new ChunkLengths(1, 1, 1);
    ReducePlan plan = plan(images(4), new LayoutChoice(Reduction.CHOOSE, pixels, true, null));
    assertThat(plan.output().shard().pixels()).isLessThanOrEqualTo(1 << 16);
  }

  /** Draws an array, which in one of four cases has no images. */
  private FeatureSource draw(int number) throws Exception {
    boolean one = random.nextInt(4) == 0;
    int n = one ? 1 : 1 + random.nextInt(9);
    Arrays4 array =
        Arrays4.random(
            random, new FeatureShape(n, 1 + random.nextInt(12), 1 + random.nextInt(12), 8));
    Extent tile =
        new Extent(one ? 1 : 1 + random.nextInt(6), 1 + random.nextInt(8), 1 + random.nextInt(8));
    String axes = one ? "y,x,c" : "n,y,x,c";
    return Reductions.open(array.zarr(folder + "/in" + number, 3, axes, tile, tile));
  }

  private PointwiseLayer layer() {
    float[] weights = new float[4 * 8];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    return PointwiseLayer.of(weights, new float[4], Activation.NONE);
  }

  private ReducePlan plan(FeatureSource source, LayoutChoice layout) {
    return ReducePlan.of(spec(layout, folder + "/out"), source.info());
  }

  private Reduction spec(LayoutChoice layout, String output) {
    Head head = new Head("features", "w", layer());
    Reduction spec = Reductions.spec(output, head);
    return new Reduction(
        spec.output(),
        spec.format(),
        spec.heads(),
        spec.type(),
        spec.overflow(),
        spec.compressions(),
        spec.axes(),
        layout,
        null,
        spec.policy());
  }
}
