package org.pointwise.hadoop;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pointwise.errors.InvalidInputException;

/**
 * Refuses passwords and secret keys within URIs, {@code s3a://KEY:SECRET@bucket/path}, and removes
 * them from displayed text.
 *
 * <p>A secret may contain any character, including {@code /} and {@code @}, so the grammar of URIs
 * does not find it. A URI with a colon before its first slash and an {@code @} anywhere after the
 * colon is considered to contain a secret, unless the colon precedes a port.
 */
public final class Credentials {
  /**
   * Matches the scheme, the text before the first colon or slash, the colon, and the rest of the
   * word up to the last {@code @}.
   */
  private static final Pattern AUTHORITY =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):/+((?:[^\\s:/%]|%(?!3[Aa]))*)(?::|%3[Aa])(\\S*)@");

  private static final Pattern PORT = Pattern.compile("[0-9]*/.*", Pattern.DOTALL);

  /** Schemes whose authority is a bucket, which has no port. */
  private static final Set<String> SCHEMES_WITHOUT_PORT =
      Set.of("s3a", "s3", "s3n", "gs", "oss", "cosn", "obs");

  private Credentials() {}

  /**
   * Refuses a text that contains a URI with a password.
   *
   * @throws InvalidInputException whose message does not contain the password
   */
  public static void refuse(String text) {
    String shown = redact(text);
    if (!shown.equals(text)) {
      throw new InvalidInputException(
          "Cannot open %s: a URI must not hold a password, which would end up in logs; use Hadoop's credential settings"
              .formatted(shown));
    }
  }

  /** Returns the text with an ellipsis in place of every user and password of a URI. */
  public static String redact(String text) {
    Matcher found = AUTHORITY.matcher(text);
    StringBuilder shown = new StringBuilder();
    while (found.find()) {
      boolean port =
          PORT.matcher(found.group(3)).matches()
              && !SCHEMES_WITHOUT_PORT.contains(found.group(1).toLowerCase(Locale.ROOT));
      found.appendReplacement(
          shown, port ? Matcher.quoteReplacement(found.group()) : found.group(1) + "://…@");
    }
    return found.appendTail(shown).toString();
  }
}
