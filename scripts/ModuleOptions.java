/** Prints the JVM options that Spark needs; `java -cp JARS ModuleOptions.java`. */
final class ModuleOptions {
    public static void main(String[] arguments) {
        System.out.println(org.apache.spark.launcher.JavaModuleOptions.defaultModuleOptions());
    }
}
