package holonomy.task.language;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A sentence with slots: a word in capitals is a {@link Slot}, any other stands as it is. No two schemata of a {@link Place} can become the same sentence, so that a
 * story tells how it was made.
 *
 * @param words slots and words
 */
record Schema(List<String> words) {
    /** What fills a word of a schema. */
    enum Slot {
        /** A character, thing or place of this story, named where it comes in and again in the first act. */
        FIRST,
        SECOND,
        THING1,
        THING2,
        HOME,
        FEELING,
        /** One of the story, or any other: the mixture of {@link Zipf}. */
        WHO,
        THING,
        PLACE,
        MOOD,
        /** Any word. */
        VERB,
        ADJECTIVE,
        /** What the words before decide: pronouns of who was named last, all characters together, and the verb that agrees with them. */
        HE,
        HIS,
        BOTH,
        WERE
    }

    /** Where in a story a schema can stand. */
    enum Place {
        /** Who, and where. All begin with the same word. */
        OPENING(
                "once FIRST lived in the HOME .",
                "once the HOME was home to FIRST .",
                "once FIRST found the HOME .",
                "once there was FIRST in the HOME ."),
        /** Where there are two characters. */
        COMPANION("SECOND was there too .", "HE knew SECOND .", "HE had a friend SECOND ."),
        OWNING("FIRST had a ADJECTIVE THING1 .", "FIRST loved a THING1 .", "HIS THING1 was ADJECTIVE ."),
        /** Where there are two things. */
        MORE("there was a THING2 too .", "and FIRST had a THING2 .", "HE had a THING2 ."),
        FEELING("all was FEELING .", "BOTH WERE FEELING .", "the day was FEELING ."),
        /** Any number of these. */
        MIDDLE(
                "WHO VERB the THING .",
                "WHO VERB HIS THING .",
                "WHO was MOOD .",
                "WHO went to the PLACE .",
                "HE VERB the ADJECTIVE THING .",
                "the THING was ADJECTIVE .",
                "the THING was in the PLACE .",
                "WHO VERB WHO .",
                "WHO saw a ADJECTIVE THING .",
                "the PLACE was MOOD .",
                "WHO gave the THING to WHO .",
                "HE was MOOD and ADJECTIVE .",
                "in the PLACE HE VERB .",
                "WHO said : a ADJECTIVE THING !",
                "BOTH WERE home .",
                "then WHO VERB .",
                "then the THING VERB .",
                "WHO lost HIS THING .",
                "but the THING was ADJECTIVE .",
                "HE left the THING .",
                "WHO and the THING VERB .",
                "no THING was ADJECTIVE .",
                "HIS THING was ADJECTIVE .",
                "WHO ran to the PLACE ."),
        ENDING(
                "so HE was MOOD again .",
                "at last WHO had the THING .",
                "and BOTH WERE MOOD .",
                "that day BOTH VERB .",
                "and so the PLACE was MOOD .",
                "HIS THING was home ."),
        CLOSE("the end");

        private final List<Schema> schemata;

        Place(String... sentences) {
            schemata = Arrays.stream(sentences)
                    .map(sentence -> new Schema(List.of(sentence.split(" "))))
                    .toList();
        }

        List<Schema> schemata() {
            return schemata;
        }
    }

    private static final Set<String> SLOTS =
            Set.copyOf(Arrays.stream(Slot.values()).map(Enum::name).toList());

    static boolean isSlot(String word) {
        return SLOTS.contains(word);
    }

    /** The words of all sentences that are not slots, and those that pronouns and agreement put in. */
    static Set<String> fixedWords() {
        Set<String> words = new HashSet<>(List.of("he", "she", "his", "her", "was", "were", "and"));
        for (Place place : Place.values()) {
            place.schemata.forEach(schema -> words.addAll(schema.words));
        }
        words.removeAll(SLOTS);
        return words;
    }
}
