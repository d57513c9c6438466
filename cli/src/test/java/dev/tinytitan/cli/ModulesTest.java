package dev.tinytitan.cli;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Between modules, arrows point up the list of docs/architecture.md only. */
class ModulesTest {

  @Test
  void arrowsPointUpTheList() {
    var classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.tinytitan");

    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .withOptionalLayers(true)
        .layer("core")
        .definedBy(
            "dev.tinytitan",
            "dev.tinytitan.tensor..",
            "dev.tinytitan.ir..",
            "dev.tinytitan.op..",
            "dev.tinytitan.onnx..",
            "dev.tinytitan.pass..",
            "dev.tinytitan.kernel..",
            "dev.tinytitan.run..")
        .layer("simd")
        .definedBy("dev.tinytitan.simd..")
        .layer("codegen")
        .definedBy("dev.tinytitan.codegen..")
        .layer("data")
        .definedBy("dev.tinytitan.data..")
        .layer("train")
        .definedBy("dev.tinytitan.train..")
        .layer("compress")
        .definedBy("dev.tinytitan.compress..")
        .layer("edge")
        .definedBy("dev.tinytitan.edge..")
        .layer("cli")
        .definedBy("dev.tinytitan.cli..")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("edge")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("compress")
        .mayOnlyBeAccessedByLayers("edge", "cli")
        .whereLayer("train")
        .mayOnlyBeAccessedByLayers("compress", "edge", "cli")
        .whereLayer("data")
        .mayOnlyBeAccessedByLayers("train", "compress", "edge", "cli")
        // Engines are found as services: nobody names their classes.
        .whereLayer("simd")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("codegen")
        .mayNotBeAccessedByAnyLayer()
        .check(classes);
  }
}
