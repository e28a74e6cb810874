package io.sluice.pem;

import java.io.ByteArrayOutputStream;
import java.security.PublicKey;

/**
 * Private keys of the older forms PKCS#1 (RFC 8017) and SEC1 (RFC 5915). They are the octets of
 * PKCS#8, the one form that Java reads, without the wrapping that names their algorithm; that name
 * is taken from the certificate that the key belongs to.
 */
final class BareKey {

  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 4;

  private BareKey() {}

  /** Returns a PrivateKeyInfo (RFC 5208) of the key, with the algorithm of the public key. */
  static byte[] wrapped(byte[] bare, PublicKey owner) {
    byte[] info = owner.getEncoded();
    int start = contentOffset(info, 0);
    int end = contentOffset(info, start) + contentLength(info, start);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(VERSION_0);
    content.write(info, start, end - start);
    content.writeBytes(tagged(OCTET_STRING, bare));
    return tagged(SEQUENCE, content.toByteArray());
  }

  private static byte[] tagged(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.length;
    if (length < 0x80) {
      out.write(length);
    } else {
      int octets = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
      out.write(0x80 | octets);
      for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
        out.write(length >> shift);
      }
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  /** Returns where the content of the element at an offset begins. */
  private static int contentOffset(byte[] der, int element) {
    int length = der[element + 1] & 0xff;
    return element + 2 + (length < 0x80 ? 0 : length & 0x7f);
  }

  private static int contentLength(byte[] der, int element) {
    int first = der[element + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7f); i++) {
      length = (length << 8) | (der[element + 2 + i] & 0xff);
    }
    return length;
  }
}
