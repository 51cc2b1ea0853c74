package holonomy.run;

import holonomy.store.Store;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/**
 * Engines on other machines. Found by {@link ServiceLoader}, so that core knows none of them: only who asks for a cluster has its classes on the
 * class path.
 */
public interface Cluster {
    /**
     * What is asked of a cluster.
     *
     * @param address where it is: what {@code --on} was given
     * @param store where results go; the workers must see the same folder
     * @param device what each task is to use: {@code auto}, {@code cpu} or {@code cuda}
     */
    record Order(String address, Store store, String device) {}

    /**
     * Connects to a cluster and makes sure that it can carry out runs: nothing is trained if it cannot.
     *
     * @param progress hears what the workers do
     * @param says takes lines for people while there is nothing but waiting
     * @throws holonomy.data.UserError if the cluster cannot be reached or used
     */
    Connection connect(Order order, Progress progress, Consumer<String> says);

    /** An engine that is connected to its cluster until it is closed. */
    interface Connection extends Engine, AutoCloseable {
        @Override
        void close();
    }
}
