package org.pointwise.tensor;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The types of stored numbers. {@link #toString} returns the name that Zarr v3 and NumPy use, in
 * lower case.
 */
public enum ElementType {
  FLOAT32(4, "f4"),
  FLOAT16(2, "f2"),
  /** The upper half of a float32. NumPy has no such type. */
  BFLOAT16(2, null),
  FLOAT64(8, "f8"),
  INT8(1, "i1"),
  INT16(2, "i2"),
  INT32(4, "i4"),
  INT64(8, "i8"),
  UINT8(1, "u1"),
  UINT16(2, "u2"),
  UINT32(4, "u4"),
  UINT64(8, "u8");

  private final int bytes;
  private final @Nullable String numpyCode;

  ElementType(int bytes, @Nullable String numpyCode) {
    this.bytes = bytes;
    this.numpyCode = numpyCode;
  }

  public int bytes() {
    return bytes;
  }

  /**
   * Returns NumPy's kind and size without the byte order, such as {@code f4}; null for bfloat16.
   */
  public @Nullable String numpyCode() {
    return numpyCode;
  }

  public boolean floating() {
    return this == FLOAT32 || this == FLOAT16 || this == BFLOAT16 || this == FLOAT64;
  }

  /** Returns whether float32 represents every number of this type exactly. */
  public boolean exactAsFloat32() {
    return switch (this) {
      case FLOAT32, FLOAT16, BFLOAT16, INT8, INT16, UINT8, UINT16 -> true;
      case FLOAT64, INT32, INT64, UINT32, UINT64 -> false;
    };
  }

  /** Returns the type of a lower-case name; null if there is none. */
  public static @Nullable ElementType ofName(String name) {
    for (ElementType type : values()) {
      if (type.toString().equals(name)) {
        return type;
      }
    }
    return null;
  }

  /** Returns the type of NumPy's kind and size, such as {@code f4}; null if there is none. */
  public static @Nullable ElementType ofNumpyCode(String code) {
    for (ElementType type : values()) {
      if (code.equals(type.numpyCode)) {
        return type;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
