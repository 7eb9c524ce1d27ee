package org.pointwise.hadoop;

import java.io.IOException;
import java.util.EnumSet;
import java.util.UUID;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.permission.FsPermission;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStore;

/** Writes a file aside and renames it to its target. */
final class StagedFile implements ByteStore.Upload {
  private final FileSystem files;
  private final FileContext context;
  private final Path target;
  private final @Nullable Path stagingFolder;
  private final boolean sync;
  private final Path temporaryFile;
  private final FSDataOutputStream out;
  private boolean published;

  /**
   * @param context its rename replaces an existing file
   * @param stagingFolder the folder in which the file is written; null for the folder of the target
   * @param sync whether to flush the file to the disks before it is renamed
   */
  StagedFile(
      FileSystem files,
      FileContext context,
      Path target,
      @Nullable Path stagingFolder,
      boolean sync)
      throws IOException {
    this.files = files;
    this.context = context;
    this.target = target;
    this.stagingFolder = stagingFolder;
    this.sync = sync;
    Path folder = stagingFolder == null ? target.getParent() : stagingFolder;
    this.temporaryFile = new Path(folder, ".pointwise-" + UUID.randomUUID() + ".tmp");
    this.out =
        context.create(
            temporaryFile, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent());
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    out.write(bytes, from, length);
  }

  @Override
  public void publish() throws IOException {
    ReadCache.ofThread().invalidate(target);
    if (sync && out.hasCapability(StreamCapabilities.HSYNC)) {
      out.hsync();
    }
    out.close();
    if (stagingFolder != null) {
      context.mkdir(target.getParent(), FsPermission.getDirDefault(), true);
    }
    context.rename(temporaryFile, target, Options.Rename.OVERWRITE);
    published = true;
  }

  @Override
  public void close() throws IOException {
    if (!published) {
      try {
        out.close();
      } finally {
        files.delete(temporaryFile, false);
      }
    }
  }
}
