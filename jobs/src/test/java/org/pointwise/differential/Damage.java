package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Kinds of damage to a stored object. */
enum Damage {
  /** One bit of one byte changes. */
  FLIP {
    @Override
    boolean apply(Path object, Path output, Path other, Random random) throws IOException {
      byte[] bytes = Files.readAllBytes(object);
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(object, bytes);
      return true;
    }
  },
  /** The end is cut off. */
  TRUNCATE {
    @Override
    boolean apply(Path object, Path output, Path other, Random random) throws IOException {
      byte[] bytes = Files.readAllBytes(object);
      Files.write(object, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
      return true;
    }
  },
  /** Bytes are added behind the end. */
  LENGTHEN {
    @Override
    boolean apply(Path object, Path output, Path other, Random random) throws IOException {
      byte[] bytes = Files.readAllBytes(object);
      Files.write(object, Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(20)));
      return true;
    }
  },
  /** The object is deleted. */
  DELETE {
    @Override
    boolean apply(Path object, Path output, Path other, Random random) throws IOException {
      Files.delete(object);
      return true;
    }
  },
  /** The object is exchanged with another one of the output, of equal length if possible. */
  EXCHANGE {
    @Override
    boolean apply(Path object, Path output, Path other, Random random) throws IOException {
      List<Path> others = new ArrayList<>(StoredObjects.of(output));
      Collections.shuffle(others, random);
      byte[] mine = Files.readAllBytes(object);
      Path chosen = null;
      for (Path candidate : others) {
        byte[] theirs = Files.readAllBytes(candidate);
        if (!Arrays.equals(mine, theirs)) {
          chosen = chosen == null || theirs.length == mine.length ? candidate : chosen;
          if (theirs.length == mine.length) {
            break;
          }
        }
      }
      if (chosen == null) {
        return false;
      }
      byte[] theirs = Files.readAllBytes(chosen);
      Files.write(chosen, mine);
      Files.write(object, theirs);
      return true;
    }
  },
  /** The object is replaced by that of a run with other layers. */
  FOREIGN {
    @Override
    boolean apply(Path object, Path output, Path other, Random random) throws IOException {
      Path foreign = other.resolve(output.relativize(object).toString());
      if (!Files.exists(foreign) || Files.mismatch(object, foreign) < 0) {
        return false;
      }
      Files.write(object, Files.readAllBytes(foreign));
      return true;
    }
  };

  /**
   * Applies the damage.
   *
   * @param object to damage
   * @param output that holds it
   * @param other output of the same layout
   * @return false if the damage would change nothing and was not applied
   */
  abstract boolean apply(Path object, Path output, Path other, Random random) throws IOException;
}
