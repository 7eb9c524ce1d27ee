package org.pointwise.hadoop;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pointwise.errors.InvalidInputException;

/**
 * Passwords and secret keys within URIs, {@code s3a://KEY:SECRET@bucket/path}: refused, and shown
 * by nothing.
 *
 * <p>A secret may hold any character, {@code /} and {@code @} too, so that a URI's own grammar does
 * not find it: whatever has a colon before its first slash and an {@code @} somewhere behind is
 * taken for one, unless the colon is a port's.
 */
public final class Credentials {
  /** Scheme, what stands before the first colon or slash, the colon, the rest of the word. */
  private static final Pattern AUTHORITY =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):/+((?:[^\\s:/%]|%(?!3[Aa]))*)(?::|%3[Aa])(\\S*)@");

  private static final Pattern PORT = Pattern.compile("[0-9]*/.*", Pattern.DOTALL);

  /** Where a bucket stands, there is no port. */
  private static final Set<String> NO_PORTS =
      Set.of("s3a", "s3", "s3n", "gs", "oss", "cosn", "obs");

  private Credentials() {}

  /**
   * Refuses a text that holds a URI with a password.
   *
   * @throws InvalidInputException which does not show it
   */
  public static void refuse(String text) {
    String shown = redact(text);
    if (!shown.equals(text)) {
      throw new InvalidInputException(
          "Cannot open %s: a URI must not hold a password, which would end up in logs; use Hadoop's credential settings"
              .formatted(shown));
    }
  }

  /** The text with an ellipsis in place of every user and password of a URI. */
  public static String redact(String text) {
    Matcher found = AUTHORITY.matcher(text);
    StringBuilder shown = new StringBuilder();
    while (found.find()) {
      boolean port =
          PORT.matcher(found.group(3)).matches()
              && !NO_PORTS.contains(found.group(1).toLowerCase(Locale.ROOT));
      found.appendReplacement(
          shown, port ? Matcher.quoteReplacement(found.group()) : found.group(1) + "://…@");
    }
    return found.appendTail(shown).toString();
  }
}
