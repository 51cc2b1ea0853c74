package holonomy.site

import holonomy.figure.SvgText
import holonomy.gallery.Highlight
import org.commonmark.ext.gfm.tables.TableCell
import org.commonmark.node.FencedCodeBlock
import org.commonmark.node.Node
import org.commonmark.renderer.NodeRenderer
import org.commonmark.renderer.html.AttributeProvider
import org.commonmark.renderer.html.HtmlNodeRendererContext

internal fun escaped(text: String): String = SvgText.escaped(text)

/** Blocks of code: Kotlin in colours, all of them reachable by keys, for they scroll. */
internal class Code(private val context: HtmlNodeRendererContext) : NodeRenderer {
    override fun getNodeTypes(): Set<Class<out Node>> = setOf(FencedCodeBlock::class.java)

    override fun render(node: Node) {
        val block = node as FencedCodeBlock
        val code = if (block.info == "kotlin") Highlight.kotlin(block.literal) else escaped(block.literal)
        context.writer.line()
        context.writer.raw("<pre tabindex=\"0\"><code>$code</code></pre>")
        context.writer.line()
    }
}

/** Heads of tables say what they are the head of. */
internal class Attributes : AttributeProvider {
    override fun setAttributes(node: Node, tag: String, attributes: MutableMap<String, String>) {
        if (node is TableCell && node.isHeader) attributes["scope"] = "col"
    }
}
