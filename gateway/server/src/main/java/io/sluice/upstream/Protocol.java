package io.sluice.upstream;

/** What is spoken to an upstream. */
public enum Protocol {
  /** HTTP/1.1: one request at a time on a connection (RFC 9112). */
  HTTP1,
  /** HTTP/2: many requests at a time on a connection (RFC 9113). */
  H2
}
