package holonomy.notebook

import holonomy.data.Table
import org.jetbrains.kotlinx.jupyter.api.HTML
import org.jetbrains.kotlinx.jupyter.api.libraries.JupyterIntegration

/**
 * What a Kotlin notebook's kernel loads with the library, once a cell has been run: the words of scripts are imported,
 * and under the cell of an `experiment` stand its progress, its figures and its claims. A [Table] is shown as one. The
 * kernel brings the classes that this one needs; the library doesn't.
 */
class NotebookIntegration : JupyterIntegration() {
    override fun Builder.onLoaded() {
        `import`("holonomy.dsl.*")
        beforeCellExecution { Cell.current = Cell() }
        afterCellExecution { _, _ -> Cell.current?.take().orEmpty().forEach { display(HTML(it), null) } }
        render<Table> { HTML(Html.of(it)) }
    }
}
