package io.sluice.filter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GrpcRefusalTest {

  @Test
  void aMessageIsPercentEncodedWhereItMustBe() {
    assertThat(GrpcRefusal.encoded("5 in 1 minute; 50% \u00e9\n"))
        .isEqualTo("5 in 1 minute; 50%25 %C3%A9%0A");
  }
}
