package holonomy.store;

/** What people are to hear of a store's state while it is used for something else. */
public sealed interface Notice permits SetAside, Unreadable {
    /** What to tell them. */
    String message();
}
