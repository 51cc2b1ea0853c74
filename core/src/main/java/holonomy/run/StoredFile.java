package holonomy.run;

/** A file of a finished run: its length in bytes and the SHA-256 of its contents, lower-case hexadecimal. */
public record StoredFile(long bytes, String sha256) {}
