package io.sluice.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A folder of policies at one moment.
 *
 * @param hash SHA-256 over names, texts and problems, in hex: equal for equal content, so that a
 *     reload needs to read nothing twice, and a file that becomes readable counts as a change
 * @param files in the order of their names
 * @param problems why the folder, or a file in it, could not be read; no book is made of it then
 */
public record Snapshot(String hash, List<PolicyFile> files, List<Problem> problems) {

  private static final int REVISION_LENGTH = 12;

  public Snapshot {
    files = List.copyOf(files);
    problems = List.copyOf(problems);
  }

  static Snapshot of(List<PolicyFile> files, List<Problem> problems) {
    MessageDigest digest = sha256();
    for (PolicyFile file : files) {
      update(digest, file.name());
      update(digest, file.text());
    }
    problems.forEach(problem -> update(digest, problem.toString()));
    return new Snapshot(HexFormat.of().formatHex(digest.digest()), files, problems);
  }

  /** Returns the name of this content, for people and books. */
  public String revision() {
    return hash.substring(0, REVISION_LENGTH);
  }

  /** Lengths go in too, so that no text can pass for the end of one and the start of another. */
  private static void update(MessageDigest digest, String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    digest.update((octets.length + ":").getBytes(StandardCharsets.US_ASCII));
    digest.update(octets);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
