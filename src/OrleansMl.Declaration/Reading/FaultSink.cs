using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Collects faults and warnings; a hostile file cannot make it grow without bound.</summary>
/// <param name="isApplied">The file was applied already: what has become a fault since is a warning.</param>
internal sealed class FaultSink(bool isApplied = false)
{
    /// <summary>After so many, one more says that the rest is left out.</summary>
    public const int Limit = 500;

    private readonly List<DeclarationFault> _faults = [];
    private readonly List<DeclarationFault> _warnings = [];

    public bool Any => _faults.Count > 0;

    public bool IsApplied => isApplied;

    /// <exception cref="TooManyFaultsException">These are enough: reading on would only take time.</exception>
    public void Fault(string code, string path, Mark mark, string detail)
    {
        Add(_faults, code, path, mark, detail);
        if (_faults.Count > Limit)
            throw new TooManyFaultsException();
    }

    public void Warning(string code, string path, Mark mark, string detail) => Add(_warnings, code, path, mark, detail);

    public ImmutableArray<DeclarationFault> Faults() => Ordered(_faults);

    public ImmutableArray<DeclarationFault> Warnings() => Ordered(_warnings);

    private static void Add(List<DeclarationFault> list, string code, string path, Mark mark, string detail)
    {
        if (list.Count < Limit)
            list.Add(new DeclarationFault(code, path, mark.Line, mark.Column, detail));
        else if (list.Count == Limit)
            list.Add(new DeclarationFault("too_many", "", int.MaxValue, 1, $"More than {Limit} of them; the rest is left out: correct these first."));
    }

    private static ImmutableArray<DeclarationFault> Ordered(List<DeclarationFault> list)
    {
        var ordered = list.OrderBy(f => f.Line).ThenBy(f => f.Column).ToArray();
        if (ordered.Length > Limit)
            ordered[^1] = ordered[^1] with { Line = ordered[^2].Line };
        return [.. ordered];
    }
}

/// <summary>Ends the reading of a hopeless file; never leaves the reader.</summary>
internal sealed class TooManyFaultsException : Exception;
