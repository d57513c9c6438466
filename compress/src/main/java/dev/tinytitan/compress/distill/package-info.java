/**
 * Distillation: a small model, the student, learns from what a large one, the teacher, answers. The
 * entry is {@link dev.tinytitan.compress.distill.Distiller}.
 */
@NullMarked
package dev.tinytitan.compress.distill;

import org.jspecify.annotations.NullMarked;
