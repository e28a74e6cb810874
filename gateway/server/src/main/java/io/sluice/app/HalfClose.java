package io.sluice.app;

/** What is made of an HTTP/1.1 client that ends its side while it is owed an answer. */
public enum HalfClose {
  /** It has left: the request is cancelled, at the upstream too. */
  CANCEL,
  /** It still reads: the request goes on until an answer cannot be written. */
  FINISH
}
