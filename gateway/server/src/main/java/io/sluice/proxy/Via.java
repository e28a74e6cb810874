package io.sluice.proxy;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;

/** Says in {@code Via} that a message passed this gateway (RFC 9110, section 7.6.3). */
final class Via {

  private static final String PSEUDONYM = "sluice";

  /** Gateways may stand one behind the other; more than this is a request going in circles. */
  private static final int MOST_PASSES = 8;

  private Via() {}

  /** Adds the received chain with this gateway appended, as one field. */
  static void append(HttpFields received, HttpFields.Mutable out, HttpVersion version) {
    String own = (version == HttpVersion.HTTP_2 ? "2" : digits(version)) + ' ' + PSEUDONYM;
    out.add(HttpHeader.VIA, String.join(", ", plus(received, own)));
  }

  /** Returns whether the request has passed gateways of this kind too often. */
  static boolean isLooping(HttpFields received) {
    int passes = 0;
    for (HttpField field : received) {
      if (field.getHeader() == HttpHeader.VIA && field.getValue() != null) {
        for (String hop : field.getValue().split(",", -1)) {
          passes += hop.strip().endsWith(' ' + PSEUDONYM) ? 1 : 0;
        }
      }
    }
    return passes >= MOST_PASSES;
  }

  private static Iterable<String> plus(HttpFields received, String own) {
    List<String> values = new ArrayList<>(received.getValuesList("Via"));
    values.add(own);
    return values;
  }

  private static String digits(HttpVersion version) {
    return version == HttpVersion.HTTP_1_0 ? "1.0" : "1.1";
  }
}
