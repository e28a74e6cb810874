package io.sluice.doctor;

import java.util.ArrayList;
import java.util.List;

/** Says what the other checks could not see; the last of them. */
final class UnseenCheck implements Check {

  private static final String NAME = "not-looked-at";

  @Override
  public String group() {
    return "not looked at";
  }

  @Override
  public List<Finding> look(Patient patient) {
    List<Finding> findings = new ArrayList<>();
    if (!patient.unseen().isEmpty()) {
      findings.add(
          Finding.note(
              NAME,
              String.join(", ", patient.unseen()),
              "the user may not ask for it, as it should be for that of gateways",
              "name a login that may: --admin-url redis://admin:password@host:port, or the same in"
                  + " SLUICE_DOCTOR_ADMIN_URL"));
    }
    if (!patient.unknown().isEmpty()) {
      findings.add(
          Finding.note(
              NAME,
              String.join(", ", patient.unknown()),
              "this Redis has no such command, or under another name",
              "look there by the means of whoever runs it"));
    }
    return findings;
  }
}
