package holonomy.data

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Files
import java.util.concurrent.atomic.AtomicReference
import kotlin.concurrent.thread
import kotlin.io.path.writeText

class QueryTest :
    FreeSpec({
        val folder = tempdir().toPath()
        fun source(run: String, vararg values: Pair<Long, Double?>): Query.Source {
            val builder = Table.builder(listOf(Table.whole("step"), Table.quantity("loss")))
            values.forEach { builder.row(it.first, it.second) }
            return Query.Source(run, folder.resolve("$run.parquet").also { Parquet.write(builder.build(), it) })
        }
        val other = Query.Source("c", folder.resolve("c.parquet"))
        Parquet.write(Table.builder(listOf(Table.whole("step"), Table.text("note"))).row(9, "late").build(), other.file)
        val loss = listOf(source("a", 1L to 2.0, 2L to 1.0), source("b", 1L to 4.0, 2L to null), other)
        val tables = mapOf("loss" to loss, "accuracy" to listOf<Query.Source>())

        "the run is a column, columns are united by name" {
            Query.run(tables, "SELECT * FROM loss ORDER BY run, step") shouldBe
                Table.builder(
                        listOf(Table.text("run"), Table.whole("step"), Table.quantity("loss"), Table.text("note"))
                    )
                    .row("a", 1, 2.0, null)
                    .row("a", 2, 1.0, null)
                    .row("b", 1, 4.0, null)
                    .row("b", 2, null, null)
                    .row("c", 9, null, "late")
                    .build()
        }
        "aggregates, decimals, booleans and names used twice" {
            val sql = "SELECT count(*) n, sum(step) s, 1.5 x, true y, min(run) x FROM loss"
            Query.run(tables, sql) shouldBe
                Table.builder(
                        listOf(
                            Table.whole("n"),
                            Table.quantity("s"),
                            Table.quantity("x"),
                            Table.text("y"),
                            Table.text("x_2"),
                        )
                    )
                    .row(5, 15.0, 1.5, "true", "a")
                    .build()
        }
        "a slip is reported with the tables there are" {
            val message = shouldThrow<UserError> { Query.run(tables, "SELECT nope FROM loss") }.message!!
            message shouldStartWith "query failed: Binder Error: Referenced column \"nope\" not found"
            message shouldContain "\nTables: "
            message shouldContain "\nQuery: SELECT nope FROM loss"
        }
        "only one statement that reads is carried out, nothing of any other" {
            val only = "query: expected one SELECT (or WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE), found "
            val written = folder.resolve("written")
            for (sql in
                listOf(
                    "COPY (SELECT 1) TO '$written'",
                    "COPY loss TO '${folder.resolve("a.parquet")}' (FORMAT PARQUET, USE_TMP_FILE FALSE)",
                    "ATTACH '$written' AS elsewhere",
                    "INSTALL httpfs",
                    "LOAD httpfs",
                    "CREATE TABLE t AS SELECT 1",
                    "DELETE FROM loss",
                    "EXPORT DATABASE '$written'",
                    "SET enable_external_access = true",
                    "PRAGMA enable_progress_bar",
                    "EXPLAIN ANALYZE COPY (SELECT 1) TO '$written'",
                    "SELECT 1; COPY (SELECT 1) TO '$written'",
                )) {
                shouldThrow<UserError> { Query.run(tables, sql) }.message shouldBe
                    "${only}something else; a query only reads\nQuery: $sql"
            }
            shouldThrow<UserError> { Query.run(tables, "SELECT 1; SELECT 2") }.message shouldBe
                "${only}2 statements\nQuery: SELECT 1; SELECT 2"
            shouldThrow<UserError> { Query.run(tables, "-- none") }.message shouldBe "${only}nothing\nQuery: -- none"
            shouldThrow<UserError> { Query.run(tables, "SELEC 1") }.message shouldBe
                "query failed: syntax error at or near \"SELEC\"\nQuery: SELEC 1"
            Files.exists(written) shouldBe false
            Query.run(tables, "SELECT count(*) n FROM loss").value(0, "n") shouldBe 5L
        }
        "no other file is read" {
            val secret = folder.resolve("secret.txt").apply { writeText("secret") }
            Parquet.write(WriteParquetElsewhere.table(), folder.resolve("other.parquet"))
            for (sql in
                listOf(
                    "SELECT * FROM read_text('$secret')",
                    "SELECT * FROM read_blob('$secret')",
                    "SELECT * FROM read_csv('$secret')",
                    "SELECT * FROM '${folder.resolve("other.parquet")}'",
                    "SELECT * FROM glob('$folder/*')",
                    "SELECT loss.*, x.* FROM loss, read_text('$secret') x",
                    "SELECT * FROM query('SELECT * FROM read_text(''$secret'')')",
                )) {
                shouldThrow<UserError> { Query.run(tables, sql) }.message shouldContain
                    "file system operations are disabled by configuration"
            }
        }
        "words that read but are no SELECT" {
            for (sql in
                listOf(
                    "WITH x AS (FROM loss) SELECT * FROM x",
                    "FROM loss",
                    "TABLE loss;",
                    "(SELECT * FROM loss)",
                )) Query.run(tables, sql).size() shouldBe 5
            Query.run(tables, "DESCRIBE loss").size() shouldBe 4
            Query.run(tables, "SUMMARIZE loss").size() shouldBe 4
        }
        "rows beyond those wanted are counted, not kept" {
            val answer = Query(tables, mapOf()) { true }.run("SELECT * FROM loss ORDER BY run, step", 2)
            answer.rows shouldBe 5
            answer.table.rows().map { it.text("run") } shouldBe listOf("a", "a")
        }
        "files that are not sound are left out" {
            Query(tables, mapOf()) { it.run != "b" }
                .run("SELECT DISTINCT run FROM loss ORDER BY run", 9)
                .table
                .rows()
                .map { it.text("run") } shouldBe listOf("a", "c")
        }
        "a running query is cancelled" {
            val query = Query(tables, mapOf()) { true }
            val endless = "SELECT count(*) FROM range(10000000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
            val failure = AtomicReference<Throwable?>()
            val running = thread { failure.set(runCatching { query.run(endless, 1) }.exceptionOrNull()) }
            while (running.isAlive) {
                query.cancel()
                running.join(10)
            }
            failure.get()!!.message shouldBe "query: cancelled"
        }
    })
