using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace OrleansMl.Training;

/// <summary>
/// The steps that are done in a folder, each with the hash of all that went in and the hashes of the files that came out. A step
/// whose inputs are known is not done again; a file that is not what it was counts as not there.
/// </summary>
public sealed class WorkJournal
{
    private const string FileName = "done.json";

    private readonly string _folder;
    private ImmutableSortedDictionary<string, DoneStep> _done;

    private WorkJournal(string folder, ImmutableSortedDictionary<string, DoneStep> done) => (_folder, _done) = (folder, done);

    /// <summary>What is done in a folder; nothing where it has no journal.</summary>
    public static WorkJournal Open(string folder)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            return new WorkJournal(folder, File.Exists(file) ? JsonSerializer.Deserialize<ImmutableSortedDictionary<string, DoneStep>>(File.ReadAllBytes(file)) ?? Empty : Empty);
        }
        catch (JsonException)
        {
            // The machine went down while it was written: the steps are done again.
            return new WorkJournal(folder, Empty);
        }
    }

    private static ImmutableSortedDictionary<string, DoneStep> Empty => ImmutableSortedDictionary<string, DoneStep>.Empty;

    /// <summary>Names of the steps.</summary>
    public IEnumerable<string> Steps => _done.Keys;

    /// <summary>The hash of several inputs.</summary>
    public static string HashOf(params ReadOnlySpan<string> inputs) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(inputs.ToArray())));

    /// <summary>SHA-256 of a file in lower-case hexadecimal.</summary>
    public static string HashOfFile(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>The step was done on the same inputs, and its files are there as it left them.</summary>
    public bool Holds(string step, string input) => _done.TryGetValue(step, out var done) && done.Input == input && IsWhole(done);

    /// <summary>Hash of a file of a step that is done.</summary>
    public string HashOf(string step, string file) => _done[step].Files[file];

    /// <summary>A step is done. Its files are complete and closed.</summary>
    public void Add(string step, string input, params ReadOnlySpan<string> files)
    {
        var hashes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
            hashes.Add(file, HashOfFile(Path.Combine(_folder, file)));
        _done = _done.SetItem(step, new DoneStep(input, hashes.ToImmutable()));
        Store();
    }

    /// <summary>Takes over what was done in another folder and is whole there: an attempt goes on from the one before, and none writes into another's files.</summary>
    public void Inherit(WorkJournal other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (step, done) in other._done.Where(entry => other.IsWhole(entry.Value)))
        {
            foreach (var file in done.Files.Keys)
                File.Copy(Path.Combine(other._folder, file), Path.Combine(_folder, file), overwrite: true);
            if (IsWhole(done))
                _done = _done.SetItem(step, done);
        }

        Store();
    }

    private bool IsWhole(DoneStep done) =>
        done.Files.All(file => Path.Combine(_folder, file.Key) is var path && File.Exists(path) && HashOfFile(path) == file.Value);

    private void Store()
    {
        var part = Path.Combine(_folder, FileName + ".part");
        File.WriteAllBytes(part, JsonSerializer.SerializeToUtf8Bytes(_done));
        File.Move(part, Path.Combine(_folder, FileName), overwrite: true);
    }

    /// <param name="Input">Hash of what went in.</param>
    /// <param name="Files">SHA-256 of each file that came out.</param>
    private sealed record DoneStep(string Input, ImmutableSortedDictionary<string, string> Files);
}
