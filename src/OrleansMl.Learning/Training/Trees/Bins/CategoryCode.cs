namespace OrleansMl.Learning;

/// <summary>Codes of categories among numbers.</summary>
internal static class CategoryCode
{
    /// <summary>The code that a number is; −1 where it is none of 0 … n−1.</summary>
    public static int Of(float value, int categories)
    {
        // NaN fails the comparison.
        if (!(value >= 0 && value < categories))
            return -1;
        var code = (int)value;
        return code == value ? code : -1;
    }
}
