/** Runs on an Apache Spark cluster: one request, one task, one core; results only through the store. */
@org.jspecify.annotations.NullMarked
package holonomy.spark;
