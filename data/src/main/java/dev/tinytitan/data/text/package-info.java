/**
 * Text for language models: a BERT WordPiece tokenizer, the files of the MiniLM sentence encoder,
 * and sentences to calibrate and evaluate with.
 */
@NullMarked
package dev.tinytitan.data.text;

import org.jspecify.annotations.NullMarked;
