package holonomy.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import holonomy.data.UserError;

/** A file of a finished run: its length in bytes and the SHA-256 of its contents, lower-case hexadecimal. */
public record StoredFile(long bytes, String sha256) {
    /** As a manifest has it. */
    void putInto(ObjectNode files, String path) {
        files.putObject(path).put("bytes", bytes).put("sha256", sha256);
    }

    /**
     * From a manifest.
     *
     * @param where the manifest, as damage names it
     * @param path the file's path in the run
     * @throws Damage if it leads out of the run, or length or hash are none
     */
    static StoredFile of(String where, String path, JsonNode node) throws Damage {
        try {
            StorePath.check(path);
        } catch (UserError e) {
            throw new Damage(where, String.valueOf(e.getMessage()));
        }
        JsonNode bytes = node.path("bytes");
        if (!bytes.isIntegralNumber() || !bytes.canConvertToLong() || !node.path("sha256").isTextual()) {
            throw new Damage(where, "expected 'bytes' and 'sha256' of " + path + ", found " + node);
        }
        return new StoredFile(bytes.longValue(), node.path("sha256").textValue());
    }
}
