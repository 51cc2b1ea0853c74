package holonomy.store;

import holonomy.data.AtomicFiles;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What lies in a run's folder: {@code files} by path with their length in bytes, temporary files of interrupted writes apart. The paths use
 * {@code /} on every system. The manifest is not among them.
 */
public record RunFolder(SortedMap<String, Long> files, List<Path> temporary) {
    public static final String CHECKPOINT = "checkpoint/";

    /** Looks through a folder, following links; one that is not there is empty. */
    static RunFolder scan(Path folder) throws IOException {
        SortedMap<String, Long> files = new TreeMap<>();
        List<Path> temporary = new ArrayList<>();
        Set<FileVisitOption> links = EnumSet.of(FileVisitOption.FOLLOW_LINKS);
        Files.walkFileTree(folder, links, Integer.MAX_VALUE, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (AtomicFiles.isTemporary(file)) {
                    temporary.add(file);
                } else if (attributes.isRegularFile()) {
                    files.put(folder.relativize(file).toString().replace('\\', '/'), attributes.size());
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) throws IOException {
                if (problem instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // its owner has just renamed or deleted it
                }
                throw problem;
            }
        });
        files.remove(Manifest.NAME);
        return new RunFolder(files, temporary);
    }

    /** The files of a finished run that are missing or of another length, one line each. */
    List<String> problems(Manifest manifest) {
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, StoredFile> expected : manifest.files().entrySet()) {
            Long found = files.get(expected.getKey());
            if (found == null) {
                problems.add(expected.getKey() + ": missing");
            } else if (found != expected.getValue().bytes()) {
                problems.add(expected.getKey() + ": expected "
                        + expected.getValue().bytes() + " bytes, found " + found + " bytes");
            }
        }
        return problems;
    }

    /** Whether there is something that a finished run does not need. */
    boolean hasLeftovers() {
        return !temporary.isEmpty() || files.keySet().stream().anyMatch(path -> path.startsWith(CHECKPOINT));
    }

    /** Deletes temporary files and, if told so, checkpoints. */
    void tidy(Path folder, boolean checkpoints, AtomicFiles disk) throws IOException {
        for (Path file : temporary) {
            disk.delete(file);
        }
        if (checkpoints && Files.exists(folder.resolve(CHECKPOINT), LinkOption.NOFOLLOW_LINKS)) {
            deleteAll(folder.resolve(CHECKPOINT), disk);
        }
    }

    /** Deletes a run's folder, its manifest first: a deletion cut short leaves no run that looks finished. */
    static void delete(Path folder, AtomicFiles disk) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            disk.delete(folder.resolve(Manifest.NAME));
        }
        deleteAll(folder, disk);
    }

    /** Deletes a file, or a folder with all in it. Of links only themselves are deleted, not what they point at. */
    static void deleteAll(Path top, AtomicFiles disk) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                disk.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) throws IOException {
                if (problem instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw problem;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException problem) throws IOException {
                disk.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
