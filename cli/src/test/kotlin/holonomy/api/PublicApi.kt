package holonomy.api

import java.io.File
import java.lang.reflect.Constructor
import java.lang.reflect.Executable
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import kotlin.reflect.KVisibility
import kotlin.reflect.jvm.kotlinFunction
import kotlin.reflect.jvm.kotlinProperty

/**
 * All public classes of the module that [one] belongs to, with their public and protected members, a line each, sorted.
 * What Kotlin calls internal is left out.
 */
internal fun publicApi(one: Class<*>): String {
    val folder = File(one.protectionDomain.codeSource.location.toURI())
    return folder
        .walk()
        .filter { it.extension == "class" }
        .map { it.relativeTo(folder).path.removeSuffix(".class").replace(File.separatorChar, '.') }
        .map { Class.forName(it, false, one.classLoader) }
        .filter(::isPublic)
        .sortedBy { it.name }
        .map { type -> (listOf(head(type)) + members(type)).joinToString("\n", postfix = "\n") }
        .filterNot { it.startsWith("file ") && it.lines().size == 2 }
        .joinToString("\n")
}

private fun isPublic(type: Class<*>): Boolean {
    if (type.isSynthetic || type.isAnonymousClass || type.isLocalClass || '-' in type.name) return false
    if (!Modifier.isPublic(type.modifiers) && !Modifier.isProtected(type.modifiers)) return false
    if (isKotlin(type) && !isFile(type) && told { type.kotlin.visibility } !in VISIBLE) return false
    return type.enclosingClass?.let(::isPublic) ?: true
}

private fun isKotlin(type: Class<*>) = type.isAnnotationPresent(Metadata::class.java)

/** A Kotlin file's top-level functions and properties. */
private fun isFile(type: Class<*>) = isKotlin(type) && type.getAnnotation(Metadata::class.java).kind == FILE

private fun head(type: Class<*>): String {
    val above = (listOfNotNull(type.superclass) + type.interfaces).filterNot { it.name in UNSAID }.map { it.name }
    val kind = if (isFile(type)) "file" else if (type.isInterface) "interface" else "class"
    return "$kind ${type.name}" + if (above.isEmpty()) "" else above.joinToString(", ", " : ")
}

private fun members(type: Class<*>): List<String> {
    val fields = type.declaredFields.filter { seen(it.modifiers) && !it.isSynthetic }
    val constructors = type.declaredConstructors.filter { seen(it.modifiers) && !it.isSynthetic && visible(it) }
    val methods = type.declaredMethods.filter { seen(it.modifiers) && !it.isSynthetic && visible(it) }
    return (fields.map { "  ${it.type.typeName} ${it.name}" } +
            constructors.map { "  ${type.simpleName}${parameters(it)}" } +
            methods.map { "  ${it.returnType.typeName} ${it.name}${parameters(it)}" })
        .sorted()
}

private fun seen(modifiers: Int) = Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers)

/** Whether Kotlin, where it is the language, lets others call it; mangled names are internal ones'. */
private fun visible(member: Executable): Boolean {
    if (!isKotlin(member.declaringClass)) return true
    if ('$' in member.name.substringAfterLast('.')) return member !is Method
    val visibility =
        when (member) {
            is Method -> told { member.kotlinFunction?.visibility } ?: told { propertyOf(member) }
            is Constructor<*> -> told { member.kotlinFunction?.visibility }
            else -> null
        }
    return visibility == null || visibility in VISIBLE
}

/** Kotlin's reflection fails on an annotation of types that only its compiler knows: then nothing is known. */
private fun told(ask: () -> KVisibility?): KVisibility? = runCatching(ask).getOrNull()

/** The visibility of the property whose getter or setter [method] is; null where there is none. */
private fun propertyOf(method: Method): KVisibility? {
    val name = method.name.replaceFirst(Regex("^(get|set)"), "").replaceFirstChar(Char::lowercase)
    return method.declaringClass.declaredFields.firstOrNull { it.name == name }?.kotlinProperty?.visibility
}

private fun parameters(member: Executable) = member.parameterTypes.joinToString(", ", "(", ")") { it.typeName }

private const val FILE = 2
private val VISIBLE = setOf(KVisibility.PUBLIC, KVisibility.PROTECTED)
private val UNSAID = setOf("java.lang.Object", "java.lang.Record", "java.lang.Enum")
