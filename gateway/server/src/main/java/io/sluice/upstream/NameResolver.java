package io.sluice.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Looks up the addresses of a host. Thread-safe; may block. */
interface NameResolver {

  /** The operating system's and the JVM's way, which may remember names for a while. */
  NameResolver SYSTEM = host -> List.of(InetAddress.getAllByName(host));

  /** Returns the addresses, the best first; at least one. */
  List<InetAddress> resolve(String host) throws UnknownHostException;
}
