package holonomy.data

import io.kotest.core.spec.style.FreeSpec
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.shouldBe
import java.util.Locale

class CsvTest :
    FreeSpec({
        "cells are quoted where they must be; missing and empty differ" {
            val table =
                Table.builder(listOf(Table.text("na,me"), Table.whole("step"), Table.quantity("value")))
                    .row("plain", 1, 0.1)
                    .row("a \"b\"\nc", -2, 1e-9)
                    .row("", null, Double.POSITIVE_INFINITY)
                    .row(null, Long.MAX_VALUE, Double.NaN)
                    .row(" é ", 0, -1234567.25)
                    .build()
            val expected =
                "\"na,me\",step,value\nplain,1,0.1\n\"a \"\"b\"\"\nc\",-2,1e-9\n\"\",,inf\n,9223372036854775807,\n\" é \",0,-1234567.25\n"
            val before = Locale.getDefault()
            try {
                Locale.setDefault(Locale.GERMANY)
                Csv.text(table) shouldBe expected
                val file = tempfile()
                Csv.write(table, file.toPath())
                file.readText() shouldBe expected
            } finally {
                Locale.setDefault(before)
            }
        }
    })
