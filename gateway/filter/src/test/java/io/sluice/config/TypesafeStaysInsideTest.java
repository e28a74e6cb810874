package io.sluice.config;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nobody but this package knows which library reads the files. */
final class TypesafeStaysInsideTest {

  private static final JavaClasses SLUICE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.sluice");

  @Test
  void noOtherPackageUsesTheLibrary() {
    noClasses()
        .that(not(resideInAPackage("io.sluice.config")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.typesafe..")
        .check(SLUICE);
  }

  @Test
  void noPublicMethodShowsTheLibrary() {
    List<JavaMethod> showing =
        SLUICE.stream()
            .filter(type -> type.getPackageName().equals("io.sluice.config"))
            .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
            .flatMap(type -> type.getMethods().stream())
            .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
            .filter(method -> method.getAllInvolvedRawTypes().stream().anyMatch(this::isTypesafe))
            .toList();
    assertThat(showing).isEmpty();
  }

  private boolean isTypesafe(JavaClass type) {
    return type.getPackageName().startsWith("com.typesafe");
  }
}
