package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** What a command did, as a shell sees it. */
record Ran(int code, String out, String err) {

  /** Runs {@code sluice} with these arguments; no command may print a stack trace. */
  static Ran sluice(Map<String, String> environment, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine(environment)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    assertThat(out + "" + err).doesNotContain("\tat ", "Exception");
    return new Ran(code, out.toString(), err.toString());
  }
}
