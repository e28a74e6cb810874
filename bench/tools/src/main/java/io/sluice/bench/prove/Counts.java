package io.sluice.bench.prove;

import io.sluice.bench.fleet.Rate;

/** What clients were answered, by whom it concerns. For one thread. */
final class Counts {

  private static final int OK = 200;
  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;

  private final Column callers;
  private final Column endpoints = new Column(2);
  private final Column everybody = new Column(1);
  private final Column gateways;
  private long refused;
  private long unavailable;

  Counts(int callers, int gateways) {
    this.callers = new Column(callers);
    this.gateways = new Column(gateways);
  }

  /** Admitted, unknown and all requests of each of several. */
  static final class Column {

    private final long[] admitted;
    private final long[] unknown;
    private final long[] all;

    private Column(int size) {
      this.admitted = new long[size];
      this.unknown = new long[size];
      this.all = new long[size];
    }

    private void count(int index, boolean isAdmitted, boolean isUnknown) {
      all[index]++;
      admitted[index] += isAdmitted ? 1 : 0;
      unknown[index] += isUnknown ? 1 : 0;
    }

    Tally tally(String level, String key, Rate rate, int index) {
      return new Tally(level, key, rate, admitted[index], unknown[index]);
    }

    long[] admitted() {
      return admitted.clone();
    }

    long[] all() {
      return all.clone();
    }
  }

  /**
   * Counts one answer.
   *
   * @param status its status; 0 when there was none
   */
  void count(int caller, int endpoint, int gateway, int status) {
    boolean admitted = status == OK;
    boolean unknown = !admitted && status != TOO_MANY;
    refused += status == TOO_MANY ? 1 : 0;
    unavailable += status == UNAVAILABLE ? 1 : 0;
    callers.count(caller, admitted, unknown);
    endpoints.count(endpoint, admitted, unknown);
    everybody.count(0, admitted, unknown);
    gateways.count(gateway, admitted, unknown);
  }

  Column callers() {
    return callers;
  }

  Column endpoints() {
    return endpoints;
  }

  Column everybody() {
    return everybody;
  }

  Column gateways() {
    return gateways;
  }

  /** Returns how many requests were sent. */
  long decisions() {
    return everybody.all[0];
  }

  /** Returns how many were answered 200. */
  long admitted() {
    return everybody.admitted[0];
  }

  /** Returns how many were answered 429. */
  long refused() {
    return refused;
  }

  /** Returns how many were answered 503: there was no room, or Redis did not decide. */
  long unavailable() {
    return unavailable;
  }

  /** Returns how many were answered anything else than 200 and 429, or not at all. */
  long unknown() {
    return everybody.unknown[0];
  }
}
