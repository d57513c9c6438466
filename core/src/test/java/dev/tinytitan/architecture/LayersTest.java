package dev.tinytitan.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.tinytitan.Experimental;
import dev.tinytitan.TitanException;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may see whom inside core. docs/architecture.md shows the same as a table. */
class LayersTest {

  private static final String ROOT = "dev.tinytitan";

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .importUrl(TitanException.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  void importsCore() {
    assertThat(CORE.contain(TitanException.class)).isTrue();
  }

  @Test
  void tensorSeesOnlyTheExceptions() {
    check(packageSeesOnly("tensor"));
  }

  @Test
  void irSeesOnlyTensor() {
    check(packageSeesOnly("ir", "tensor"));
  }

  @Test
  void operatorsSeeOnlyTensorAndIr() {
    check(packageSeesOnly("op", "ir", "tensor"));
  }

  @Test
  void onnxSeesOnlyIrOperatorsTensorAndFiles() {
    check(packageSeesOnly("onnx", "ir", "op", "tensor", "io"));
  }

  @Test
  void passesSeeOnlyIrOperatorsAndTensor() {
    check(packageSeesOnly("pass", "ir", "op", "tensor"));
  }

  @Test
  void kernelsNeverSeeRunOrOnnx() {
    check(
        noClasses()
            .that()
            .resideInAPackage(layer("kernel"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(layer("run"), layer("onnx")));
  }

  /** Core stays loadable where java.lang.foreign is not: Java 21 and Android. */
  @Test
  void nothingUsesForeignMemory() {
    check(noClasses().should().dependOnClassesThat().resideInAPackage("java.lang.foreign.."));
  }

  @Test
  void coreNeedsOnlyTheJdk() {
    check(
        classes()
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(ROOT + "..", "java..", "jdk.jfr..", "org.jspecify.annotations..")
                    .or(describe("are primitive", c -> c.isPrimitive() || c.isArray()))));
  }

  @Test
  void noMutableStaticFields() {
    check(fields().that().areStatic().should().haveModifier(JavaModifier.FINAL));
  }

  /** A layer sees itself, the layers it names, and of the root package the shared vocabulary. */
  private static ArchRule packageSeesOnly(String layer, String... others) {
    String[] allowed =
        Stream.concat(Stream.of(layer), Arrays.stream(others))
            .map(LayersTest::layer)
            .toArray(String[]::new);
    DescribedPredicate<JavaClass> ours = resideInAnyPackage(ROOT + "..");
    return classes()
        .that()
        .resideInAPackage(layer(layer))
        .should()
        .onlyDependOnClassesThat(
            not(ours)
                .or(resideInAnyPackage(allowed))
                .or(belongToAnyOf(Experimental.class))
                .or(describe("are exceptions", c -> c.isAssignableTo(TitanException.class))));
  }

  private static DescribedPredicate<JavaClass> describe(
      String description, Predicate<JavaClass> test) {
    return DescribedPredicate.describe(description, test);
  }

  private static String layer(String name) {
    return ROOT + "." + name + "..";
  }

  /** A layer may still be empty: it is checked from its first class on. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CORE);
  }
}
