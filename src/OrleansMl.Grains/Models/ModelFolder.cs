using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Protocol;
using OrleansMl.Protocol.Configuration;
using OrleansMl.Serving;

namespace OrleansMl.Models;

/// <summary>
/// One model of a models folder: <c>NAME.onnx</c> (version 1), or <c>NAME/VERSION/model.onnx</c> with, where it is wanted, a
/// <c>NAME/config.pbtxt</c>.
/// </summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Config">Its configuration; null: there is no file.</param>
/// <param name="Files">Version → file, ascending; version 0: the next one.</param>
internal sealed record ModelFolder(string Model, ModelConfig? Config, ImmutableSortedDictionary<int, string> Files)
{
    /// <summary>The highest version that has a folder, with or without a file (an ensemble has none); null: there is none.</summary>
    public int? LastVersion { get; init; }

    public const string ConfigFile = "config.pbtxt";

    /// <summary>Names of the models in a folder, in order.</summary>
    public static ImmutableArray<string> Names(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.onnx").Select(f => Path.GetFileNameWithoutExtension(f))
            .Concat(Directory.EnumerateDirectories(folder).Where(d => Versions(d, "model.onnx").Any() || File.Exists(Path.Combine(d, ConfigFile))).Select(d => Path.GetFileName(d)))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads one; null when the folder has none of that name.</summary>
    /// <param name="folder">The models folder.</param>
    /// <param name="model">Name of the model: a name, so no path.</param>
    /// <param name="ignored">As for <see cref="ModelConfigText.Read"/>.</param>
    /// <exception cref="ModelConfigException">The configuration is refused; the message names the file.</exception>
    public static async Task<ModelFolder?> ReadAsync(string folder, string model, List<string>? ignored, CancellationToken cancellationToken)
    {
        var single = Path.Combine(folder, model + ".onnx");
        if (File.Exists(single))
            return new ModelFolder(model, null, ImmutableSortedDictionary<int, string>.Empty.Add(0, single));
        var path = Path.Combine(folder, model);
        if (!Directory.Exists(path))
            return null;
        ModelConfig? config = null;
        var configFile = Path.Combine(path, ConfigFile);
        if (File.Exists(configFile))
            config = Read(configFile, await File.ReadAllTextAsync(configFile, cancellationToken), ignored);
        if (config is not null)
            await ReadLabelsAsync(configFile, path, config, cancellationToken);
        var files = Versions(path, config?.DefaultModelFilename is { Length: > 0 } name ? name : "model.onnx").ToImmutableSortedDictionary(v => v.Version, v => v.File);
        return config is null && files.IsEmpty ? null : new ModelFolder(model, config, files) { LastVersion = Numbers(path).Select(n => (int?)n.Version).Max() };
    }

    /// <summary>Whether a model's configuration is that of an ensemble; one that cannot be read is none.</summary>
    public static async Task<bool> IsEnsembleAsync(string folder, string model, CancellationToken cancellationToken)
    {
        try
        {
            return EnsembleConfig.IsMeant((await ReadAsync(folder, model, [], cancellationToken))?.Config);
        }
        catch (ModelConfigException)
        {
            return false;
        }
    }

    private static ModelConfig Read(string file, string text, List<string>? ignored)
    {
        try
        {
            return ModelConfigText.Read(text, ignored);
        }
        catch (ModelConfigException exception)
        {
            throw new ModelConfigException(0, 0, $"{file}:{exception.Line}:{exception.Column}: {exception.Detail}");
        }
    }

    /// <summary>A label in each line, as Triton reads them: lines end at their line feed, and the last one may do without.</summary>
    private static async Task ReadLabelsAsync(string configFile, string folder, ModelConfig config, CancellationToken cancellationToken)
    {
        foreach (var output in config.Output.Where(o => o.LabelFilename.Length > 0 && o.Label.Count == 0))
        {
            var file = Path.Combine(folder, output.LabelFilename);
            if (output.LabelFilename != Path.GetFileName(output.LabelFilename) || !File.Exists(file))
                throw new ModelConfigException(0, 0, $"{configFile}: label_filename of output '{output.Name}' is '{output.LabelFilename}', and there is no such file in '{folder}'; put it there.");
            output.Label.Add(await File.ReadAllLinesAsync(file, cancellationToken));
        }
    }

    private static IEnumerable<(int Version, string File)> Versions(string model, string fileName)
    {
        // A name that leads out of the folder is no file of it.
        if (fileName != Path.GetFileName(fileName))
            return [];
        return Numbers(model).Select(v => (v.Version, File: Path.Combine(v.Folder, fileName))).Where(v => File.Exists(v.File)).DistinctBy(v => v.Version);
    }

    private static IEnumerable<(int Version, string Folder)> Numbers(string model) => Directory.EnumerateDirectories(model)
        .Select(d => (Version: int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0, Folder: d))
        .Where(v => v.Version > 0);
}
