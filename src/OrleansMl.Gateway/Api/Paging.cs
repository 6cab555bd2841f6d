using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;

namespace OrleansMl.Gateway.Api;

/// <summary>Pages of lists.</summary>
internal static class Paging
{
    public static IReadOnlyList<QuerySpec> Query { get; } =
        [new("limit", "Items of a page, 1 to 1000; 100 unless given.", "integer"), new("pageToken", "nextPageToken of the page before.")];

    /// <summary>Of a list that fits into memory: the items after the page token, in order of their keys.</summary>
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

    /// <summary>Of a list that was read to one item beyond the page: a next page begins where there is such an item.</summary>
    public static (List<T> Items, string? Next) Cut<T>(IReadOnlyList<T> found, int limit, Func<T, string> key) =>
        found.Count > limit ? ([.. found.Take(limit)], key(found[limit - 1])) : ([.. found], null);

    /// <summary>A key that sorts as text as the number does.</summary>
    public static string Key(int number) => number.ToString("D10", CultureInfo.InvariantCulture);

    /// <summary>Answers with a page.</summary>
    public static Task AnswerAsync<T>(HttpContext context, (List<T> Items, string? Next) page, Action<Utf8JsonWriter, T> write) =>
        JsonAnswer.WriteAsync(context, 200, (Page: page, Write: write), static (writer, state) => Write(writer, state.Page, state.Write));

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
