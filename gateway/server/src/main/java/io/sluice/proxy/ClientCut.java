package io.sluice.proxy;

/** Why the gateway ends a client's request or connection before its time. */
public enum ClientCut {
  /** The head of a request took too long, or never began. */
  SLOW_HEAD,
  /** The content of a request came too slowly. */
  SLOW_CONTENT,
  /** The answer was taken too slowly. */
  SLOW_ANSWER,
  /** The answer held a connection to the upstream that others waited for, and was not taken. */
  PRESSURE,
  /** The connection was unused for too long. */
  IDLE,
  /** The connection was unused, and room for others was needed. */
  CROWDED,
  /** The client's address holds too many connections. */
  ADDRESS
}
