package holonomy.data;

import java.util.List;
import java.util.ServiceLoader;

/** Implementations listed in {@code META-INF/services}, looked up once. */
public final class Services {
    private static final ClassValue<List<?>> KNOWN = new ClassValue<>() {
        @Override
        protected List<?> computeValue(Class<?> service) {
            return ServiceLoader.load(service, service.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
        }
    };

    private Services() {}

    /** One object of every implementation, in the order listed. */
    @SuppressWarnings("unchecked")
    public static <T> List<T> of(Class<T> service) {
        return (List<T>) KNOWN.get(service);
    }
}
