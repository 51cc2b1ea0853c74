/**
 * A language model's data (arXiv 2602.23696): stories, their tokens, and a key-retrieval probe mixed in. Start with {@link
 * holonomy.task.language.LanguageTask}.
 */
@NullMarked
package holonomy.task.language;

import org.jspecify.annotations.NullMarked;
