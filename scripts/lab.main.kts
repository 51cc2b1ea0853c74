@file:DependsOn("holonomy:holonomy-dsl:0.1.0")
@file:CompilerOptions("-jvm-target", "17")

// The prelude that every experiment imports: one pinned version of the library.
