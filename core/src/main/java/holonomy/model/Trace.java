package holonomy.model;

import java.util.Map;

/**
 * What one forward pass showed.
 *
 * @param logits [B, C]
 * @param recorded per site that was asked for, its values in the site's shape, row by row
 */
public record Trace(float[] logits, Map<Site, float[]> recorded) {
    /** The values recorded at a site. */
    public float[] at(Site site) {
        float[] values = recorded.get(site);
        if (values == null) {
            throw new IllegalArgumentException(site + " was not recorded; recorded: " + recorded.keySet());
        }
        return values;
    }
}
