package dev.tinytitan.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.OpSpec;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every operator stands in the catalog, under its name. */
class CatalogTest {
  @Test
  void holdsEverySpecificationOfThePackage() throws Exception {
    Set<OpSpec> all = new HashSet<>(Catalog.all());
    assertThat(all).hasSameSizeAs(Catalog.all());
    for (Class<?> each : classes()) {
      for (Field field : each.getDeclaredFields()) {
        if (field.getName().equals("SPEC")) {
          assertThat(all).as(each.getSimpleName()).contains((OpSpec) field.get(null));
        }
      }
    }
  }

  @Test
  void findsEachUnderItsName() {
    for (OpSpec spec : Catalog.all()) {
      assertThat(Catalog.find(spec.domain(), spec.name())).containsSame(spec);
    }
    assertThat(Catalog.find("ai.onnx", "Add")).containsSame(Add.SPEC);
    assertThat(Catalog.find("", "IntegerConv")).isEmpty();
    assertThat(Catalog.find("", "NoSuchOperator")).isEmpty();
    assertThat(Catalog.find("com.example", "Add")).isEmpty();
  }

  private static List<Class<?>> classes() throws Exception {
    URI place = Catalog.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    List<Class<?>> classes = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of(place).resolve("dev/tinytitan/op"))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".class") && !name.contains("$") && !name.startsWith("package-")) {
          classes.add(Class.forName("dev.tinytitan.op." + name.replace(".class", "")));
        }
      }
    }
    assertThat(classes).hasSizeGreaterThan(150);
    return classes;
  }
}
