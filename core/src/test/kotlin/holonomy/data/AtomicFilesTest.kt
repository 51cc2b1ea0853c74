package holonomy.data

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.io.IOException
import java.nio.file.AccessDeniedException
import java.nio.file.FileSystemException
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import kotlin.io.path.getLastModifiedTime
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.setLastModifiedTime
import kotlin.io.path.writeText

class AtomicFilesTest :
    FreeSpec({
        "the steps are write, sync, rename, sync of the folder" {
            val folder = tempdir().toPath()
            val steps = mutableListOf<String>()
            val disk = AtomicFiles { step, path -> steps += "$step ${path.name.replace(Regex("[0-9a-f]+-\\d+"), "N")}" }
            disk.write(folder.resolve("new/a.txt"), "x".toByteArray())
            steps shouldBe
                listOf("CREATE_FOLDERS new", "WRITE .a.txt.N.tmp", "SYNC .a.txt.N.tmp", "MOVE a.txt", "SYNC_FOLDER new")
        }

        "a write that fails leaves the old file and nothing else" {
            val folder = tempdir().toPath()
            val file = folder.resolve("a.txt").apply { writeText("old") }
            val failures = listOf(IOException("disk on fire"), IllegalStateException("bug"))
            failures.forEach { failure ->
                shouldThrow<Exception> {
                    AtomicFiles.standard().write(file) { temporary ->
                        temporary.writeText("half")
                        throw failure
                    }
                } shouldBe failure
            }
            file.readText() shouldBe "old"
            folder.listDirectoryEntries().map { it.name } shouldBe listOf("a.txt")
            AtomicFiles.standard().write(file, "new".toByteArray())
            file.readText() shouldBe "new"
        }

        "what a killed process left in a folder goes when the next one writes there, and what another writes now stays" {
            val folder = tempdir().toPath()
            val kill = AtomicFiles { step, _ -> if (step == FileSteps.Step.MOVE) throw KilledError() }
            shouldThrow<KilledError> { kill.write(folder.resolve("claims.json"), "x".toByteArray()) }
            val left = folder.listDirectoryEntries().single()
            left.setLastModifiedTime(FileTime.from(left.getLastModifiedTime().toInstant().minusSeconds(3600)))
            shouldThrow<KilledError> { kill.write(folder.resolve("claims.json"), "y".toByteArray()) }
            val another = folder.listDirectoryEntries().single { it != left }
            val deleted = mutableListOf<Path>()
            val disk = AtomicFiles { step, path -> if (step == FileSteps.Step.DELETE) deleted.add(path) }
            repeat(2) { disk.writeUnsynced(folder.resolve("a.svg")) { temporary -> temporary.writeText("new") } }
            deleted shouldBe listOf(left)
            folder.listDirectoryEntries().toSet() shouldBe setOf(another, folder.resolve("a.svg"))
        }

        "failures are explained" -
            {
                val folder = tempdir().toPath()
                fun explained(failure: IOException, bytes: Long = 0) =
                    AtomicFiles.explain("cannot write a.svg", failure, bytes, folder.resolve("not/there")).message!!

                "permission" {
                    explained(AccessDeniedException("a.svg")) shouldBe
                        "cannot write a.svg: permission denied. Choose a folder that you may write to"
                }
                "read-only" {
                    explained(FileSystemException("a.svg", null, "Read-only file system")) shouldBe
                        "cannot write a.svg: Read-only file system. Choose a folder that you may write to"
                }
                "full disk" {
                    explained(IOException("No space left on device"), 1234) shouldMatch
                        Regex(
                            """cannot write a.svg: the disk is full \(1234 bytes are needed, \d+ bytes are free\). """ +
                                """Everything stored before is intact. Free some space or choose another folder"""
                        )
                    explained(FileSystemException("a", null, "No space left on device")) shouldMatch
                        Regex("""cannot write a.svg: the disk is full \(\d+ bytes are free\)\. .*""")
                }
            }
    })

private class KilledError : Error()
