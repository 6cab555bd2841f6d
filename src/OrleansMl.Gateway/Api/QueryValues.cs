using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Query parameters of a listing, read as strictly as a body: a filter that is misspelt must not be ignored.</summary>
internal readonly struct QueryValues
{
    private readonly IQueryCollection _query;

    public QueryValues(HttpContext context, params ReadOnlySpan<string> known)
    {
        _query = context.Request.Query;
        foreach (var (name, values) in _query)
        {
            var isKnown = false;
            foreach (var candidate in known)
                isKnown |= candidate == name;
            if (!isKnown)
                throw Invalid($"There is no query parameter '{name}' here; known are {(known.IsEmpty ? "none" : string.Join(", ", known.ToArray()))}.");
            if (values.Count > 1)
                throw Invalid($"The query parameter '{name}' is given {values.Count} times; give it once.");
        }
    }

    public string? Text(string name) => _query.TryGetValue(name, out var value) && value.Count == 1 && value[0]!.Length > 0 ? value[0] : null;

    /// <summary>Present without a value counts as true.</summary>
    public bool? Truth(string name) => !_query.TryGetValue(name, out var value) ? null : value[0] switch
    {
        "" or "true" or "1" => true,
        "false" or "0" => false,
        var other => throw Invalid($"The query parameter {name} is '{other}'; give true or false."),
    };

    public int Limit(int fallback = 100, int max = 1000)
    {
        if (Text("limit") is not { } text)
            return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max
            ? limit
            : throw Invalid($"The query parameter limit is '{text}'; give a number from 1 to {max}.");
    }

    /// <summary>The page token of a list that goes on by a number.</summary>
    public long? PlaceOfPage()
    {
        if (Text("pageToken") is not { } token)
            return null;
        return long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? place
            : throw Invalid($"The query parameter pageToken is '{token}'; give the nextPageToken of the page before.");
    }

    public DateTime? Time(string name)
    {
        // a plus sign in a query is a blank: offsets written as +02:00 arrive as " 02:00"
        if (Text(name) is not { } text)
            return null;
        return Rfc3339.TryParse(text.Replace(' ', '+'), out var time)
            ? time
            : throw Invalid($"The query parameter {name} is '{text}'; give {Rfc3339.Form}.");
    }

    public int? Version(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return BodyValues.TryVersion(text, out var version) ? version : throw Invalid($"The query parameter {name} is '{text}'; a version is digits such as 2.");
    }

    public static ApiException Invalid(string detail) => new(400, "invalid", detail);
}
