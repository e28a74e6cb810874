package io.sluice.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The plan of the house; docs/CONTRIBUTING.md explains it. */
@NullMarked
class HouseRulesTest {

  private static final String ROOT = "io.sluice";

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/io/sluice/fixtures/"))
          .withImportOption(location -> !location.contains("/io/sluice/sample/"))
          .importPackages(ROOT);

  /** Each package and the packages of ours it may use. */
  private static final Map<String, List<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("request", List.of()),
          Map.entry("pem", List.of()),
          Map.entry("redis", List.of("pem")),
          Map.entry("policy", List.of("request")),
          Map.entry("identity", List.of("request")),
          Map.entry("limit", List.of("policy", "identity", "request")),
          Map.entry("store", List.of("limit", "policy", "redis")),
          Map.entry("filter", List.of("limit", "policy", "identity", "request")),
          Map.entry(
              "config",
              List.of("request", "policy", "identity", "pem", "redis", "store", "filter")),
          Map.entry(
              "engine",
              List.of(
                  "request",
                  "policy",
                  "identity",
                  "limit",
                  "pem",
                  "redis",
                  "store",
                  "filter",
                  "config")),
          Map.entry("doctor", List.of("redis")),
          Map.entry("upstream", List.of()),
          Map.entry("tls", List.of("upstream", "pem")),
          Map.entry("http2", List.of("upstream")),
          Map.entry("balance", List.of("upstream")),
          Map.entry("route", List.of("request", "policy", "upstream")),
          Map.entry("websocket", List.of("request", "upstream")),
          Map.entry(
              "proxy", List.of("request", "identity", "filter", "upstream", "route", "websocket")),
          Map.entry("metrics", List.of("limit", "policy", "store", "proxy", "request")),
          Map.entry("admin", List.of("limit", "policy", "identity", "request", "store", "filter")),
          Map.entry(
              "app",
              List.of(
                  "request",
                  "pem",
                  "redis",
                  "policy",
                  "identity",
                  "limit",
                  "store",
                  "filter",
                  "config",
                  "engine",
                  "proxy",
                  "upstream",
                  "http2",
                  "tls",
                  "balance",
                  "route",
                  "websocket",
                  "metrics",
                  "admin")),
          Map.entry("cli", List.of("config", "policy", "redis", "engine", "doctor", "app")));

  /** Which of our packages may touch which library. */
  private static final Map<String, List<String>> OWNERS =
      Map.of(
          "com.typesafe.config..", List.of("config"),
          "io.lettuce..", List.of("redis"),
          "io.netty..", List.of("redis"),
          "io.github.bucket4j..", List.of("store"),
          "com.github.benmanes.caffeine..", List.of("store", "filter"),
          "jakarta.servlet..", List.of("filter", "proxy", "admin", "app"),
          "org.eclipse.jetty..",
              List.of("upstream", "http2", "tls", "balance", "websocket", "proxy", "app"),
          "com.codahale.metrics..", List.of("metrics", "app"),
          "picocli..", List.of("cli"));

  @TestFactory
  Stream<DynamicTest> librariesStayWithTheirOwners() {
    return OWNERS.entrySet().stream()
        .map(entry ->
            DynamicTest.dynamicTest(
                entry.getKey(), () -> checkOwner(entry.getKey(), entry.getValue())));
  }

  @TestFactory
  Stream<DynamicTest> packagesUseOnlyWhatThePlanAllows() {
    return MAY_USE.entrySet().stream()
        .map(entry ->
            DynamicTest.dynamicTest(
                entry.getKey(), () -> checkUses(entry.getKey(), entry.getValue())));
  }

  @Test
  void everyPackageIsInThePlanAndNullMarked() {
    assertThat(HOUSE.getPackage(ROOT).getSubpackagesInTree())
        .isNotEmpty()
        .allSatisfy(p -> assertThat(MAY_USE).containsKey(p.getRelativeName()))
        .allMatch(p -> p.isAnnotatedWith(NullMarked.class));
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(HOUSE);
  }

  @Test
  void generalRulesHold() {
    GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(HOUSE);
    GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS.check(HOUSE);
    GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(HOUSE);
  }

  @Test
  void theRulesOfLimitingAskNoClock() {
    noClasses()
        .that()
        .resideInAnyPackage(packages(List.of("policy", "limit", "store")).toArray(String[]::new))
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .check(HOUSE);
  }

  private static void checkOwner(String library, List<String> owners) {
    noClasses()
        .that()
        .resideOutsideOfPackages(packages(owners).toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(HOUSE);
  }

  private static void checkUses(String name, List<String> allowed) {
    List<String> forbidden =
        MAY_USE.keySet().stream()
            .filter(other -> !other.equals(name) && !allowed.contains(other))
            .toList();
    noClasses()
        .that()
        .resideInAPackage(ROOT + "." + name + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages(forbidden).toArray(String[]::new))
        .check(HOUSE);
  }

  private static List<String> packages(List<String> names) {
    return names.stream().map(name -> ROOT + "." + name + "..").toList();
  }
}
