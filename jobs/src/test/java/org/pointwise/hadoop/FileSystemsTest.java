package org.pointwise.hadoop;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.pointwise.errors.InvalidInputException;

/** Tests what is said where Hadoop itself does not run. */
class FileSystemsTest {
  /** Fails as every file system of Hadoop before 3.5 does on Java 24 and later. */
  public static final class WithoutSubject extends RawLocalFileSystem {
    @Override
    public void initialize(URI uri, Configuration configuration) {
      throw new UnsupportedOperationException("getSubject is not supported");
    }
  }

  /** Fails for a reason of its own. */
  public static final class Unsupported extends RawLocalFileSystem {
    @Override
    public void initialize(URI uri, Configuration configuration) {
      throw new UnsupportedOperationException("another reason");
    }
  }

  @Test
  void tooNewJavaIsNamedWithWhatRuns() {
    Configuration configuration = new Configuration();
    configuration.setClass("fs.nosubject.impl", WithoutSubject.class, WithoutSubject.class);
    Path path = new Path("nosubject://host/in.zarr");
    assertThatThrownBy(() -> FileSystems.of(path, configuration))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("Cannot open nosubject://host/in.zarr")
        .hasMessageContaining("does not run on Java " + Runtime.version().feature())
        .hasMessageContaining("Spark 4.2");
  }

  @Test
  void otherUnsupportedOperationStays() {
    Configuration configuration = new Configuration();
    configuration.setClass("fs.unsupported.impl", Unsupported.class, Unsupported.class);
    assertThatThrownBy(() -> FileSystems.of(new Path("unsupported://host/x"), configuration))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("another reason");
  }
}
