package io.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CallerDigestTest {

  @Test
  void withoutSecretItIsTheBeginningOfSha256() {
    // printf 'user=5:alice;' | openssl dgst -sha256 -binary | head -c 16 | basenc --base64url
    assertThat(new CallerDigest(null).of("user=5:alice;")).isEqualTo("RM4JATNJ8KNlsdr4_0ifDw");
  }

  @Test
  void withSecretItIsTheBeginningOfHmacSha256() {
    // printf 'user=5:alice;' | openssl dgst -sha256 -hmac secret -binary | head -c 16 | basenc ...
    assertThat(new CallerDigest("secret").of("user=5:alice;")).isEqualTo("jh1HPwe5y-q4quZVSU5b_w");
  }

  @Test
  void lengthDoesNotDependOnTheCaller() {
    CallerDigest digest = new CallerDigest("secret");
    assertThat(digest.of("")).hasSize(22);
    assertThat(digest.of("é".repeat(100_000))).hasSize(22).matches("[A-Za-z0-9_-]+");
  }

  @Test
  void emptySecretIsRefusedAtOnce() {
    assertThatThrownBy(() -> new CallerDigest("")).hasMessageContaining("empty");
  }
}
