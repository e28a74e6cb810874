package io.sluice.corpus;

import org.jspecify.annotations.Nullable;

/**
 * What a client got for a request.
 *
 * @param kind how it looks to the client
 * @param head the head of the answer, where there is one
 * @param body the content as far as it came
 * @param interims how many 1xx answers came before it
 */
record Received(Kind kind, @Nullable Head head, String body, int interims) {

  /** How an answer ends. */
  enum Kind {
    /** It is whole by its own framing. */
    WHOLE,
    /** It has begun, and visibly breaks off. */
    BROKEN,
    /** The connection ended instead. */
    CLOSED,
    /** Nothing, or nothing more, comes. */
    SILENT
  }

  int status() {
    return head == null ? 0 : head.status();
  }

  /** Returns the word that stands for it in a verdict. */
  String word() {
    return kind == Kind.WHOLE ? Integer.toString(status()) : kind.name().toLowerCase();
  }

  @Override
  public String toString() {
    String line = head == null ? "" : " " + Octets.shown(head.startLine());
    return word() + line + (body.isEmpty() ? "" : " <" + Octets.shown(body) + ">");
  }
}
