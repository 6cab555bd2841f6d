using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansMl.Storage.Embedded;

/// <summary>
/// Holds the data folder for this process by an operating system's lock on <c>oml.lock</c>, which ends with the process
/// however it ends. Who holds it is written beside it, because a locked file cannot be read on every system.
/// </summary>
internal sealed class DataFolderLock : IDisposable
{
    private const string LockFile = "oml.lock";
    private const string OwnerFile = "oml.lock.json";

    private readonly FileStream _file;
    private readonly string _ownerPath;

    private DataFolderLock(FileStream file, string ownerPath)
    {
        _file = file;
        _ownerPath = ownerPath;
    }

    /// <exception cref="StoreLockedException">Another store, of this process or another, holds the folder.</exception>
    public static DataFolderLock Acquire(string dataFolder, TimeProvider time)
    {
        var ownerPath = Path.Combine(dataFolder, OwnerFile);
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(dataFolder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeld(e))
        {
            var (processId, since) = ReadOwner(ownerPath);
            throw new StoreLockedException(dataFolder, processId, since);
        }

        try
        {
            var owner = new JsonObject
            {
                ["processId"] = Environment.ProcessId,
                ["since"] = time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            };
            var temporary = ownerPath + ".new";
            File.WriteAllText(temporary, owner.ToJsonString());
            File.Move(temporary, ownerPath, overwrite: true);
            return new DataFolderLock(file, ownerPath);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // The lock file itself stays: deleting it would let two processes lock two files of one name.
    public void Dispose()
    {
        File.Delete(_ownerPath);
        _file.Dispose();
    }

    // EWOULDBLOCK of Linux and of macOS; a sharing or lock violation of Windows. Anything else is not about another process.
    private static bool IsHeld(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);

    private static (int? ProcessId, string? Since) ReadOwner(string path)
    {
        try
        {
            var owner = JsonNode.Parse(File.ReadAllText(path));
            return (owner?["processId"]?.GetValue<int>(), owner?["since"]?.GetValue<string>());
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or UnauthorizedAccessException)
        {
            return (null, null);
        }
    }
}
