using System.Collections.Immutable;

namespace OrleansMl.Training;

/// <summary>A program to run.</summary>
/// <param name="Arguments">The program and its arguments, as they are: no shell reads them. A program without a slash is looked for in <c>PATH</c>.</param>
/// <param name="Folder">Its working folder, which exists. Relative paths of <see cref="Arguments"/> begin there.</param>
public sealed record TrainingProcessStart(ImmutableArray<string> Arguments, string Folder)
{
    /// <summary>Variables that a program gets from this process, where they are set. All others, keys and passwords among them, it does not see.</summary>
    public static ImmutableArray<string> Inherited { get; } =
        ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DOTNET_ROOT", "CUDA_VISIBLE_DEVICES"];

    /// <summary>Variables besides; they win over the inherited.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
