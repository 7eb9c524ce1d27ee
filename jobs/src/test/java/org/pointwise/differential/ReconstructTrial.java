package org.pointwise.differential;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.cli.Cli;

/** Reconstructs one head of a reduction by a drawn decoder. */
final class ReconstructTrial implements Trial {
  @Override
  public void run(Case testCase, Path folder, Reference reference, Findings found)
      throws Exception {
    Commands commands = new Commands(found);
    Path reduced = folder.resolve("out");
    Drawn drawn = reference.draw(testCase, folder);
    if (commands.run("reduce", drawn.reduce(reduced)).code() != 0) {
      return; // ReduceTrial checks which reductions are refused
    }
    JsonNode drawnDecoder = reference.reconstruct(reduced, testCase.seed(), folder);
    Path output = folder.resolve("back");
    List<String> args = new ArrayList<>(List.of("reconstruct"));
    drawnDecoder.path("arguments").forEach(argument -> args.add(argument.asText()));
    args.add(2, output.toString());
    args.addAll(List.of("--runner", "local", "--quiet"));
    Cli done = commands.run("reconstruct", args.toArray(String[]::new));
    int exit = drawnDecoder.path("exit").asInt();
    if (done.code() != exit) {
      found.add("reconstruct, exit other than %d".formatted(exit), done.err());
    } else if (exit == 0) {
      reference
          .checkReconstruction(output)
          .forEach(problem -> found.add("reconstruction", problem));
      commands.run("verify", 0, "verify", output.toString(), "--deep", "--quiet");
    }
  }
}
