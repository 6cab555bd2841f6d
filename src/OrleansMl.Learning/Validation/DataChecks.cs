namespace OrleansMl.Learning;

/// <summary>Names of the checks of <see cref="DataValidation"/>.</summary>
public static class DataChecks
{
    /// <summary>Columns are missing, of another kind, or rows have another length.</summary>
    public const string Schema = "schema";

    /// <summary>Too few rows.</summary>
    public const string Rows = "rows";

    /// <summary>A target that is no class or no finite number.</summary>
    public const string Target = "target";

    /// <summary>All rows are of one class, or have one value.</summary>
    public const string ConstantTarget = "constant_target";

    /// <summary>A class is rare, or has no row.</summary>
    public const string Balance = "balance";

    /// <summary>Many values of a column are missing.</summary>
    public const string Missing = "missing";

    /// <summary>Values outside the declared range.</summary>
    public const string Range = "range";

    /// <summary>A column holds one value, or none.</summary>
    public const string Constant = "constant";

    /// <summary>A text that is another in nearly every row, as an id is.</summary>
    public const string Unique = "unique";

    /// <summary>Rows that are there before, target and all.</summary>
    public const string Duplicates = "duplicates";

    /// <summary>A column alone tells the target nearly without fault.</summary>
    public const string Leakage = "leakage";

    /// <summary>The rows are not like those that are served.</summary>
    public const string Skew = "skew";
}
