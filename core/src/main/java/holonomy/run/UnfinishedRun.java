package holonomy.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A run without manifest: in the making, or left by a process that ended.
 *
 * @param id identity
 * @param spec what determines it; empty if the process ended before it was written
 * @param files what is there, with lengths in bytes
 * @param owner who is making it, for people; empty if nobody is
 */
public record UnfinishedRun(
        String id, Optional<JsonNode> spec, SortedMap<String, Long> files, Optional<String> owner) {}
