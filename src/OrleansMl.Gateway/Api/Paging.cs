using System.Text.Json;
using OrleansMl.Gateway.Routing;

namespace OrleansMl.Gateway.Api;

/// <summary>Pages of lists that fit into memory, by name.</summary>
internal static class Paging
{
    public static IReadOnlyList<QuerySpec> Query { get; } =
        [new("limit", "Items of a page, 1 to 1000; 100 unless given.", "integer"), new("pageToken", "nextPageToken of the page before.")];

    /// <summary>The items after the page token, in order of their keys.</summary>
    public static (List<T> Items, string? Next) Of<T>(IEnumerable<T> all, Func<T, string> key, QueryValues query)
    {
        var limit = query.Limit();
        var token = query.Text("pageToken");
        var items = all.Where(item => token is null || string.CompareOrdinal(key(item), token) > 0)
            .OrderBy(key, StringComparer.Ordinal).Take(limit + 1).ToList();
        if (items.Count <= limit)
            return (items, null);
        items.RemoveAt(limit);
        return (items, key(items[^1]));
    }

    public static void Write<T>(Utf8JsonWriter writer, (List<T> Items, string? Next) page, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        foreach (var item in page.Items)
            write(writer, item);
        writer.WriteEndArray();
        writer.WriteString("nextPageToken"u8, page.Next);
        writer.WriteEndObject();
    }
}
