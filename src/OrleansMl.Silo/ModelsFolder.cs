using System.Globalization;
using OrleansMl.Services;

namespace OrleansMl.Silo;

/// <summary>
/// A folder of models: <c>NAME.onnx</c>, or Triton's layout <c>NAME/VERSION/model.onnx</c>. Of the second the highest
/// version is loaded, the others are registered.
/// </summary>
internal static class ModelsFolder
{
    public static async Task RegisterAsync(string folder, IControlService control, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            throw new StartupException($"There is no models folder '{folder}'.", 2);
        foreach (var file in Directory.EnumerateFiles(folder, "*.onnx").Order(StringComparer.Ordinal))
            await RegisterAsync(control, Path.GetFileNameWithoutExtension(file), null, file, cancellationToken);
        foreach (var model in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var versions = Directory.EnumerateDirectories(model)
                .Select(d => (Folder: d, Number: int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0))
                .Where(v => v.Number > 0 && File.Exists(Path.Combine(v.Folder, "model.onnx")))
                .OrderBy(v => v.Number)
                .ToArray();
            var name = Path.GetFileName(model);
            foreach (var (path, number) in versions)
                await RegisterAsync(control, name, number, Path.Combine(path, "model.onnx"), cancellationToken);
            if (versions.Length > 0)
                Check(await control.LoadAsync(name, versions[^1].Number, cancellationToken), model);
        }
    }

    private static async Task RegisterAsync(IControlService control, string model, int? version, string file, CancellationToken cancellationToken)
    {
        var bytes = await File.ReadAllBytesAsync(file, cancellationToken);
        Check(await control.RegisterAsync(new RegisterVersion(model, bytes) { Version = version }, cancellationToken), file);
    }

    private static void Check<T>(OmlResult<T> result, string file)
    {
        if (result.Error is { } error)
            throw new StartupException($"{file}: {error.Detail}", 2);
    }
}
