package org.pointwise.parquet;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;
import org.apache.parquet.format.InterningProtocol;
import org.pointwise.errors.PointwiseException;
import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;
import shaded.parquet.org.apache.thrift.transport.TTransportException;

/**
 * Reads the structures of which metadata consists. The library's own methods allocate lists of any
 * length that damaged bytes state, and do not distinguish damaged bytes from failures of a store.
 */
final class Structures {
  private Structures() {}

  /**
   * Reads a structure.
   *
   * @param into receives the fields
   * @param max the largest length of a text, in bytes, or of a list
   * @param damaged returns the failure of bytes that are no such structure
   * @throws IOException of the stream
   */
  static <T extends TBase<T, ?>> T read(
      T into, InputStream from, int max, Function<Exception, PointwiseException> damaged)
      throws IOException {
    try {
      TIOStreamTransport transport = new TIOStreamTransport(from);
      into.read(new InterningProtocol(new TCompactProtocol(transport, max, max)));
      return into;
    } catch (TTransportException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw damaged.apply(e);
    } catch (TException | RuntimeException e) {
      throw damaged.apply(e);
    }
  }
}
