package io.sluice.doctor;

import java.util.List;

/** Says what the other checks could not see; the last of them. */
final class UnseenCheck implements Check {

  @Override
  public String group() {
    return "not looked at";
  }

  @Override
  public List<Finding> look(Patient patient) {
    return patient.unseen().isEmpty()
        ? List.of()
        : List.of(
            Finding.note(
                "not-looked-at",
                String.join(", ", patient.unseen()),
                "the user may not ask for it, as it should be for that of gateways",
                "name a login that may: --admin-url redis://admin:password@host:port, or the same in"
                    + " SLUICE_DOCTOR_ADMIN_URL"));
  }
}
