package org.pointwise;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tests dependencies between packages. The build of core checks those of the layers beneath
 * formats.
 */
class ArchitectureTest {
  /** The package of one format; the interfaces of formats are in its parent package. */
  private static final String A_FORMAT = "org.pointwise.format.*..";

  private static final String FACADE = "org.pointwise";

  /** What users of Spark ML import, named like the Python package. */
  private static final String ML = "pointwise.ml";

  private static final String[] JOBS = {
    "org.pointwise.jobs",
    "org.pointwise.cli",
    "org.pointwise.spark..",
    "org.pointwise.hadoop",
    "org.pointwise.parquet",
    "org.pointwise.report",
    "org.pointwise.demo",
    ML
  };

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(
                location -> !location.contains("test-classes") && !location.contains("-tests.jar"))
            .importPackages("org.pointwise", ML);
  }

  @Test
  void formatsDoNotDependOnEachOther() {
    slices().matching("org.pointwise.format.(*)..").should().notDependOnEachOther().check(classes);
  }

  @Test
  void noOtherClassDependsOnFormats() {
    noClasses()
        .that(resideInAPackage("org.pointwise..").and(resideInAPackage(A_FORMAT).negate()))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(A_FORMAT)
        .because("formats are found by ServiceLoader")
        .check(classes);
  }

  @Test
  void coreDoesNotDependOnJobs() {
    noClasses()
        .that(resideOutsideOfPackages(JOBS))
        .should()
        .dependOnClassesThat(resideInAnyPackage(JOBS))
        .check(classes);
  }

  @Test
  void coreDoesNotDependOnFacade() {
    String[] users = Stream.concat(Stream.of(FACADE), Arrays.stream(JOBS)).toArray(String[]::new);
    noClasses()
        .that(resideOutsideOfPackages(users))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(FACADE)
        .because("a job is described by a spec, and core executes plans")
        .check(classes);
  }

  @Test
  void onlySparkPackagesDependOnSpark() {
    noClasses()
        .that(resideOutsideOfPackages("org.pointwise.spark..", ML))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "scala..")
        .check(classes);
  }

  @Test
  void onlyOnePackageDependsOnHadoop() {
    noClasses()
        .that(resideOutsideOfPackages("org.pointwise.hadoop"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.hadoop..")
        .check(classes);
  }

  @Test
  void onlyTablesDependOnParquet() {
    noClasses()
        .that(resideOutsideOfPackages("org.pointwise.parquet"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.parquet..")
        .check(classes);
  }

  @Test
  void onlyCommandLineDependsOnPicocli() {
    noClasses()
        .that(resideOutsideOfPackages("org.pointwise.cli"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(classes);
  }

  @Test
  void commandLineIsTopLayer() {
    slices()
        .matching("org.pointwise.(cli|spark|hadoop|parquet|report|demo)")
        .should()
        .beFreeOfCycles()
        .check(classes);
    noClasses()
        .that()
        .resideInAnyPackage(
            "org.pointwise.hadoop",
            "org.pointwise.parquet",
            "org.pointwise.report",
            "org.pointwise.demo")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.pointwise.cli", "org.pointwise.spark..")
        .check(classes);
    noClasses()
        .that(resideOutsideOfPackages(ML))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ML)
        .check(classes);
  }
}
