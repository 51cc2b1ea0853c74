package holonomy.task.language;

import holonomy.task.RandomSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Tells one story and adds up the surprisal of its draws. Not thread-safe. */
final class Teller {
    private final StoryGenerator stories;
    private final RandomSequence random;
    private final Lexicon lexicon;
    private final List<String> words = new ArrayList<>();
    private final int[] names;
    private final int[] things;
    private final int[] home;
    private final int[] mood;
    private double surprisal;
    private int lastNamed;

    Teller(StoryGenerator stories, RandomSequence random) {
        this.stories = stories;
        this.random = random;
        lexicon = Lexicon.of(stories.lexicon());
        names = some(Lexicon.Part.NAME, 1 + oneOf(2));
        things = some(Lexicon.Part.THING, 1 + oneOf(2));
        home = some(Lexicon.Part.PLACE, 1);
        mood = some(Lexicon.Part.MOOD, 1);
        tell();
    }

    List<String> words() {
        return words;
    }

    /** -ln p of the story, in nats. */
    double surprisal() {
        return surprisal;
    }

    private void tell() {
        sentence(Schema.Place.OPENING);
        if (names.length > 1) {
            sentence(Schema.Place.COMPANION);
        }
        sentence(Schema.Place.OWNING);
        if (things.length > 1) {
            sentence(Schema.Place.MORE);
        }
        sentence(Schema.Place.FEELING);
        int middle = stories.least() + oneOf(stories.most() - stories.least() + 1);
        for (int i = 0; i < middle; i++) {
            sentence(Schema.Place.MIDDLE);
        }
        sentence(Schema.Place.ENDING);
        sentence(Schema.Place.CLOSE);
    }

    private void sentence(Schema.Place place) {
        List<Schema> schemata = place.schemata();
        for (String word : schemata.get(oneOf(schemata.size())).words()) {
            if (Schema.isSlot(word)) {
                fill(Schema.Slot.valueOf(word));
            } else {
                words.add(word);
            }
        }
    }

    private void fill(Schema.Slot slot) {
        switch (slot) {
            case FIRST -> name(names[0]);
            case SECOND -> name(names[1]);
            case THING1 -> say(Lexicon.Part.THING, things[0]);
            case THING2 -> say(Lexicon.Part.THING, things[1]);
            case HOME -> say(Lexicon.Part.PLACE, home[0]);
            case FEELING -> say(Lexicon.Part.MOOD, mood[0]);
            case WHO -> name(recalled(Lexicon.Part.NAME, names));
            case THING -> say(Lexicon.Part.THING, recalled(Lexicon.Part.THING, things));
            case PLACE -> say(Lexicon.Part.PLACE, recalled(Lexicon.Part.PLACE, home));
            case MOOD -> say(Lexicon.Part.MOOD, recalled(Lexicon.Part.MOOD, mood));
            case VERB -> say(Lexicon.Part.VERB, some(Lexicon.Part.VERB, 1)[0]);
            case ADJECTIVE -> say(Lexicon.Part.ADJECTIVE, some(Lexicon.Part.ADJECTIVE, 1)[0]);
            case HE -> words.add(female() ? "she" : "he");
            case HIS -> words.add(female() ? "her" : "his");
            case BOTH -> both();
            case WERE -> words.add(names.length > 1 ? "were" : "was");
        }
    }

    private void both() {
        name(names[0]);
        if (names.length > 1) {
            words.add("and");
            name(names[1]);
        }
    }

    private void name(int rank) {
        say(Lexicon.Part.NAME, rank);
        lastNamed = rank;
    }

    private void say(Lexicon.Part part, int rank) {
        words.add(lexicon.word(part, rank));
    }

    private boolean female() {
        return lastNamed % 2 == 0;
    }

    private int oneOf(int count) {
        surprisal += Math.log(count);
        return random.nextInt(count);
    }

    /** One or two different ranks. */
    private int[] some(Lexicon.Part part, int count) {
        Zipf zipf = lexicon.frequencies(part);
        int first = zipf.draw(random);
        surprisal -= Math.log(zipf.share(first));
        if (count == 1) {
            return new int[] {first};
        }
        int second = zipf.drawBeside(first, random);
        surprisal -= Math.log(zipf.share(second) / (1 - zipf.share(first)));
        return new int[] {first, second};
    }

    /** One of the story's ranks, or any. */
    private int recalled(Lexicon.Part part, int[] known) {
        Zipf zipf = lexicon.frequencies(part);
        double recall = stories.recall();
        int rank = random.nextDouble() < recall ? known[random.nextInt(known.length)] : zipf.draw(random);
        boolean ours = IntStream.of(known).anyMatch(each -> each == rank);
        surprisal -= Math.log((1 - recall) * zipf.share(rank) + (ours ? recall / known.length : 0));
        return rank;
    }
}
