package holonomy.task;

import holonomy.data.UserError;
import java.math.BigInteger;
import java.util.stream.IntStream;

/** Operations of number theory. */
public final class Operations {
    private Operations() {}

    /**
     * The product of the units modulo C (the numbers prime to C), each named by its rank among them: a group, so every label is equally
     * likely, without the zero divisors that skew the plain product. {@code i o j = rank(u_i u_j mod C)}, phi(C) classes.
     *
     * @param modulus C, at least 3
     */
    public static Operation unitProduct(int modulus) {
        if (modulus < 3) {
            throw new UserError(
                    "product of units: modulus is " + modulus + ", expected at least 3 (fewer leave one unit)");
        }
        int[] units =
                IntStream.range(1, modulus).filter(i -> gcd(i, modulus) == 1).toArray();
        int[] table = new int[units.length * units.length];
        for (int i = 0; i < table.length; i++) {
            int product = (int) ((long) units[i / units.length] * units[i % units.length] % modulus);
            table[i] = java.util.Arrays.binarySearch(units, product);
        }
        return new Operation("product of units modulo " + modulus, units.length, table);
    }

    /** The number itself if it is a prime, otherwise the user's mistake. */
    public static int prime(int number) {
        if (number < 2 || !BigInteger.valueOf(number).isProbablePrime(40)) {
            throw new UserError("modulus " + number + " is not a prime; the next prime is "
                    + BigInteger.valueOf(Math.max(number, 1)).nextProbablePrime());
        }
        return number;
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
