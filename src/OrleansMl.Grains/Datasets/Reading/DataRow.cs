using System.Collections.Frozen;

namespace OrleansMl.Datasets;

/// <summary>The values of a row, by name.</summary>
internal abstract class DataRow
{
    /// <summary>The value of a column; missing where the row has no such column.</summary>
    public abstract Cell this[string name] { get; }

    public abstract bool Has(string name);

    /// <summary>Names of the columns, or of the members, that the row has.</summary>
    public abstract IEnumerable<string> Names { get; }

    /// <summary>A row of CSV: cells by the header.</summary>
    public static DataRow OfCsv(FrozenDictionary<string, int> header, string[] cells) => new CsvDataRow(header, cells);

    /// <summary>An object of JSON.</summary>
    public static DataRow OfMembers(IReadOnlyDictionary<string, Cell> members) => new Members(members);

    private sealed class CsvDataRow(FrozenDictionary<string, int> header, string[] cells) : DataRow
    {
        public override Cell this[string name] => header.TryGetValue(name, out var index) ? Cell.OfRaw(cells[index]) : Cell.Missing;

        public override bool Has(string name) => header.ContainsKey(name);

        public override IEnumerable<string> Names => header.Keys;
    }

    private sealed class Members(IReadOnlyDictionary<string, Cell> members) : DataRow
    {
        public override Cell this[string name] => members.TryGetValue(name, out var cell) ? cell : Cell.Missing;

        public override bool Has(string name) => members.ContainsKey(name);

        public override IEnumerable<string> Names => members.Keys;
    }
}
