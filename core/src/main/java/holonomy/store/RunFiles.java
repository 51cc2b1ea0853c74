package holonomy.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import holonomy.data.Parquet;
import holonomy.data.Table;
import holonomy.data.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** Where the files of finished runs are: in a store, or, tables only, among what is published with figures. They are compared with the manifest when they are used. */
sealed interface RunFiles permits Caretaker, PublishedFiles {
    /** The folder that a run lies in. */
    Path folder(String id);

    /** A file, which is as the manifest says. */
    Path verified(String id, String path, StoredFile expected);

    /** What is wrong with a file; empty if nothing is. */
    String problem(String id, String path, StoredFile expected);

    /** What is wrong with all files of a run, every byte compared, one line each. */
    List<String> problems(String id, Manifest manifest);

    /** What to tell who asks for a file that a run doesn't have. */
    UserError lacks(String id, String path, Collection<String> has);

    /** A table. */
    default Table table(String id, String path, StoredFile expected) throws IOException {
        return Parquet.read(verified(id, path, expected));
    }

    /** A JSON file. */
    default JsonNode json(String id, String path, StoredFile expected) throws IOException {
        return new ObjectMapper().readTree(Files.readAllBytes(verified(id, path, expected)));
    }
}
