#!/usr/bin/env kotlin
// Every figure from one script: `./holonomy figures` trains the union of all experiments' runs once, draws every figure, judges every claim,
// and puts them onto one page. A new script in experiments/ is part of the set without being named here.
@file:Import("lab.main.kts")

import holonomy.dsl.*

figureSet(
    title = "Holonomy: the figure set",
    about =
        "The path of small transformers through weight space: every claim with its interval over seeds and its verdict, " +
            "and with its null, where a simpler process could give the number.",
)
