package io.sluice.tls;

import java.util.Locale;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.StandardConstants;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which name a client asked for in its handshake (RFC 6066, section 3); any will do. That
 * it is there also keeps Java from resuming a session under another name.
 */
final class RequestedName extends SNIMatcher {

  private volatile @Nullable String name;

  RequestedName() {
    super(StandardConstants.SNI_HOST_NAME);
  }

  @Override
  public boolean matches(SNIServerName asked) {
    try {
      name = new SNIHostName(asked.getEncoded()).getAsciiName().toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      name = null; // No host's name: like none.
    }
    return true;
  }

  @Nullable String name() {
    return name;
  }
}
