using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>
/// Reads application files: YAML 1.2 (or JSON, which is YAML), strictly. All faults of a file are reported at once,
/// each with its place and remedy; no text makes it throw.
/// </summary>
public static class ApplicationReader
{
    /// <summary>Longest text, in bytes of UTF-8.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Deepest nesting of maps and lists.</summary>
    public const int MaxDepth = 64;

    /// <summary>Reads and checks one application.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static ReadResult Read(string text) => Read(text, isApplied: false);

    /// <summary>Reads an application that was applied, perhaps by an earlier program: what has become a fault since is a warning, so that it goes on.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static ReadResult ReadApplied(string text) => Read(text, isApplied: true);

    private static ReadResult Read(string text, bool isApplied)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sink = new FaultSink(isApplied);
        ApplicationDefinition? definition = null;
        try
        {
            if (YamlLoader.Load(text, sink) is { } root && new NodeReader(sink, root, "").Map(Shapes.Application) is { } map)
                definition = Application(map, new Scope(sink));
        }
        catch (TooManyFaultsException)
        {
            // The last of the faults says so.
        }

        return new ReadResult
        {
            Definition = sink.Any ? null : definition,
            Faults = sink.Faults(),
            Warnings = sink.Warnings(),
        };
    }

    private static ApplicationDefinition Application(MapReader map, Scope scope)
    {
        map["apiVersion"]?.Word(Shapes.ApiVersions);
        map["kind"]?.Word(Shapes.Kinds);

        // Views may name targets of models, which come later in the file: those are looked up first.
        TargetReader.Mentions(map["models"], scope);
        return new ApplicationDefinition
        {
            Name = map["name"]?.Name("an application") ?? "",
            Clock = map["clock"]?.Word(Shapes.Clocks) ?? Clock.Wall,
            MaxFuture = map["maxFuture"]?.Duration(allowZero: true) ?? TimeSpan.FromMinutes(5),
            Entities = Section(map, "entities", EntityReader.Read, scope, scope.Entities),
            Events = Section(map, "events", EventReader.Read, scope, scope.Events),
            Views = Section(map, "views", ViewReader.Read, scope, scope.Views),
            Models = Section(map, "models", ModelReader.Read, scope, scope.Models),
            Replay = map["replay"] is { } replay ? ReplayReader.Read(replay, scope) : null,
        };
    }

    private static ImmutableArray<T> Section<T, TSymbol>(MapReader map, string key, Func<NodeReader, Scope, T?> read, Scope scope, NameTable<TSymbol> table)
        where T : class
        where TSymbol : class
    {
        var things = ImmutableArray.CreateBuilder<T>();
        if (map[key] is { } list)
        {
            table.Complete = list.IsSequence;
            foreach (var item in list.Items(key, Limits.Things))
            {
                if (read(item, scope) is { } thing)
                    things.Add(thing);
                else
                    table.Complete = false;
            }
        }

        table.Close();

        return things.DrainToImmutable();
    }
}
