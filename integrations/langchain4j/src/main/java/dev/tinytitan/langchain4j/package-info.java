/** TinyTitan behind LangChain4j's interfaces. */
@NullMarked
package dev.tinytitan.langchain4j;

import org.jspecify.annotations.NullMarked;
