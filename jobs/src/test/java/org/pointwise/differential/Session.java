package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs cases one after another and collects the distinct findings. */
final class Session {
  private final Kind kind;
  private final Reference reference;
  private final Path folder;
  private final Map<String, List<String>> findings = new LinkedHashMap<>();
  private int cases;
  private int failed;

  /**
   * @param folder for the files of cases; folders of failed cases are kept
   */
  Session(Kind kind, Reference reference, Path folder) {
    this.kind = kind;
    this.reference = reference;
    this.folder = folder;
  }

  /** Runs one case. */
  void run(Case testCase) throws Exception {
    Path work = folder.resolve("%s-%d".formatted(kind, testCase.number()));
    delete(work);
    Files.createDirectories(work);
    cases++;
    Findings found = new Findings();
    kind.trial().run(testCase, work, reference, found);
    boolean known = true;
    for (Findings.Finding finding : found.all()) {
      List<String> same = findings.computeIfAbsent(finding.signature(), s -> new ArrayList<>());
      known &= !same.isEmpty();
      same.add(
          "%s%n    %s%n    %s: %s"
              .formatted(
                  testCase.reproducer(kind), testCase.values(), finding.label(), finding.detail()));
    }
    failed += found.none() ? 0 : 1;
    if (known) {
      delete(work);
    }
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  int failed() {
    return failed;
  }

  /**
   * Returns the kinds of findings, each with the first case that shows it; empty without findings.
   */
  String findings() {
    StringBuilder text = new StringBuilder();
    findings.forEach(
        (signature, same) ->
            text.append("%n%d × %s%n  %s%n".formatted(same.size(), signature, same.get(0))));
    return text.toString();
  }

  /** Returns a summary in one line. */
  String summary() {
    return "%d cases, %d failed in %d ways".formatted(cases, failed, findings.size());
  }
}
