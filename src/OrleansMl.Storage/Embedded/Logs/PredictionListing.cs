using OrleansMl.Storage.Embedded.Sqlite;

namespace OrleansMl.Storage.Embedded.Logs;

/// <summary>
/// The query of a listing, by id: over the entity's index where one entity is asked for, else the model's, else
/// all. The other conditions are tested row by row, so a rare match in a large log takes a scan.
/// </summary>
internal static class PredictionListing
{
    public static List<PredictionRecord> Run(SqliteDatabase database, PredictionFilter filter)
    {
        var conditions = new List<string>();
        var bindings = new List<Action<SqliteStatement, int>>();
        if (filter.After is { } after)
            Require(filter.NewestFirst ? "p.id < ?" : "p.id > ?", (s, i) => s.Bind(i, after));
        if (filter.EntityKey is { } entity)
        {
            Require("p.entity_key = ?", (s, i) => s.Bind(i, entity));
            // The index of entities leaves the empty key out, which the planner must be told.
            if (entity.Length > 0)
                conditions.Add("p.entity_key <> ''");
        }

        // A unary plus keeps the planner off an index: the entity's is the narrower one.
        if (filter.Model is { } model)
            Require(filter.EntityKey is null ? "p.model = ?" : "+p.model = ?", (s, i) => s.Bind(i, model));
        if (filter.Version is { } version)
            Require("p.version = ?", (s, i) => s.Bind(i, (long)version));
        if (filter.EntityKeyPrefix is { Length: > 0 } prefix)
            Require("substr(p.entity_key, 1, length(?)) = ?", (s, i) => s.Bind(i, prefix));
        if (filter.From is { } from)
            Require("+p.time >= ?", (s, i) => s.Bind(i, from));
        if (filter.To is { } to)
            Require("+p.time < ?", (s, i) => s.Bind(i, to));
        if (filter.State is { } state)
            Require("+p.state = ?", (s, i) => s.Bind(i, (long)state));
        if (filter.WrongAtThreshold is { } threshold)
            Require("p.label IS NOT NULL AND p.score IS NOT NULL AND (p.label >= ?) <> (p.score >= ?)", (s, i) => s.Bind(i, (double?)threshold));
        if (filter.WrongAboveError is { } error)
            Require("p.label IS NOT NULL AND p.score IS NOT NULL AND abs(p.label - p.score) > ?", (s, i) => s.Bind(i, (double?)error));
        if (filter.WrongBy is not null)
            conditions.Add("p.label IS NOT NULL AND p.version > 0");

        var where = conditions.Count == 0 ? "" : "WHERE " + string.Join(" AND ", conditions);
        var statement = database.Compile($"{PredictionSql.Select}{where} ORDER BY p.id{(filter.NewestFirst ? " DESC" : "")} LIMIT {(filter.WrongBy is null ? Math.Max(0, filter.Limit) : -1)}");
        try
        {
            for (var i = 0; i < bindings.Count; i++)
                bindings[i](statement, i + 1);
            return filter.WrongBy is { } isWrong ? PredictionRows.Read(statement, isWrong, filter.Limit) : PredictionRows.ReadAll(statement);
        }
        finally
        {
            statement.Close();
        }

        void Require(string condition, Action<SqliteStatement, int> bind)
        {
            bindings.Add(bind);
            conditions.Add(condition.Replace("?", "?" + bindings.Count, StringComparison.Ordinal));
        }
    }
}
