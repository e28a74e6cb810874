package io.sluice.demo;

import java.util.Arrays;
import picocli.CommandLine;

/** Starts the demo; {@code gateway/bin/sluice demo} calls it. */
public final class Main {

  private Main() {}

  /** Runs until the process is told to end. The command's own name may stand first. */
  public static void main(String[] arguments) {
    boolean named = arguments.length > 0 && arguments[0].equals("demo");
    CommandLine line = new CommandLine(new DemoCommand(System.getenv()));
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> io.sluice.cli.Main.explain(failure, command.getErr()));
    System.exit(
        line.execute(named ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments));
  }
}
