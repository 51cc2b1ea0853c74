package holonomy.task.language;

import java.util.List;

/**
 * The entropy of generated stories, exact: what characters, things, place and mood are, how many of each, how many sentences, which schema each is of, and what fills its
 * slots. A sentence's schema and the number of sentences don't depend on the rest, so means multiply:
 *
 * <pre>
 *   H = H(brought in) + sum over places  E[sentences] (ln schemata + mean over schemata of the slots' entropies)
 * </pre>
 *
 * @param surprisal H, mean of -ln p of a story, in nats
 * @param words mean number of words and signs
 */
public record StoryEntropy(double surprisal, double words) {
    /** H per word after the first, which is always the same: the least mean cross-entropy of the others, in nats. */
    public double rate() {
        return surprisal / (words - 1);
    }

    private StoryEntropy plus(StoryEntropy other, double times) {
        return new StoryEntropy(surprisal + times * other.surprisal, words + times * other.words);
    }

    static StoryEntropy of(StoryGenerator stories) {
        StoryEntropy mean = new StoryEntropy(2 * Math.log(2), 0);
        for (int names = 1; names <= 2; names++) {
            for (int things = 1; things <= 2; things++) {
                mean = mean.plus(new Known(stories, names, things).story(), .25);
            }
        }
        return mean;
    }

    /** The number of words and signs of the longest story. */
    static int longest(StoryGenerator stories) {
        int sum = 0;
        for (Schema.Place place : Schema.Place.values()) {
            sum += longest(place, 2) * (place == Schema.Place.MIDDLE ? stories.most() : 1);
        }
        return sum;
    }

    static int longest(Schema.Place place, int names) {
        return place.schemata().stream()
                .mapToInt(schema -> length(schema, names))
                .max()
                .orElseThrow();
    }

    private static int length(Schema schema, int names) {
        boolean both = schema.words().contains(Schema.Slot.BOTH.name());
        return schema.words().size() + (both ? 2 * (names - 1) : 0);
    }

    /** Stories with so many characters and things. */
    private record Known(StoryGenerator stories, int names, int things) {
        StoryEntropy story() {
            double recalled = (stories.least() + stories.most()) / 2.0;
            return new StoryEntropy(broughtIn() + Math.log(stories.most() - stories.least() + 1), 0)
                    .plus(sentence(Schema.Place.OPENING), 1)
                    .plus(sentence(Schema.Place.COMPANION), names - 1)
                    .plus(sentence(Schema.Place.OWNING), 1)
                    .plus(sentence(Schema.Place.MORE), things - 1)
                    .plus(sentence(Schema.Place.FEELING), 1)
                    .plus(sentence(Schema.Place.MIDDLE), recalled)
                    .plus(sentence(Schema.Place.ENDING), 1)
                    .plus(sentence(Schema.Place.CLOSE), 1);
        }

        private double broughtIn() {
            return broughtIn(Lexicon.Part.NAME, names)
                    + broughtIn(Lexicon.Part.THING, things)
                    + broughtIn(Lexicon.Part.PLACE, 1)
                    + broughtIn(Lexicon.Part.MOOD, 1);
        }

        private double broughtIn(Lexicon.Part part, int count) {
            Zipf zipf = zipf(part);
            return zipf.entropy() + (count > 1 ? zipf.entropyBeside() : 0);
        }

        private Zipf zipf(Lexicon.Part part) {
            return Lexicon.of(stories.lexicon()).frequencies(part);
        }

        private StoryEntropy sentence(Schema.Place place) {
            List<Schema> schemata = place.schemata();
            StoryEntropy mean = new StoryEntropy(Math.log(schemata.size()), 0);
            for (Schema schema : schemata) {
                double slots = schema.words().stream()
                        .filter(Schema::isSlot)
                        .mapToDouble(word -> entropy(Schema.Slot.valueOf(word)))
                        .sum();
                mean = mean.plus(new StoryEntropy(slots, length(schema, names)), 1.0 / schemata.size());
            }
            return mean;
        }

        private double entropy(Schema.Slot slot) {
            return switch (slot) {
                case WHO -> recalled(Lexicon.Part.NAME, names);
                case THING -> recalled(Lexicon.Part.THING, things);
                case PLACE -> recalled(Lexicon.Part.PLACE, 1);
                case MOOD -> recalled(Lexicon.Part.MOOD, 1);
                case VERB -> zipf(Lexicon.Part.VERB).entropy();
                case ADJECTIVE -> zipf(Lexicon.Part.ADJECTIVE).entropy();
                default -> 0;
            };
        }

        private double recalled(Lexicon.Part part, int known) {
            return known == 1
                    ? zipf(part).entropyKnowing(stories.recall())
                    : zipf(part).entropyKnowingTwo(stories.recall());
        }
    }
}
