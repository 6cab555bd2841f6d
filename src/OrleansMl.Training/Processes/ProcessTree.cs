using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansMl.Training;

/// <summary>All processes of a run, as the system lists them: those of the guard's session, their descendants, and those that carry the run's mark.</summary>
internal sealed partial class ProcessTree(int session, string mark)
{
    private const int SigTerm = 15;
    private const int SigKill = 9;

    private readonly byte[] _mark = Encoding.UTF8.GetBytes($"{ProcessGuard.MarkVariable}={mark}");

    /// <summary>Bytes that they hold; pages that several share count once where the sum alone is over <paramref name="limit"/>.</summary>
    public long MemoryBytes(long limit)
    {
        var members = Members(marked: false);
        var sum = members.Sum(member => member.ResidentBytes);
        return sum <= limit ? sum : members.Sum(member => ProportionalBytes(member.Process) ?? Read(member.Process)?.ResidentBytes ?? 0);
    }

    /// <summary>Asks all of them to end.</summary>
    public void Terminate() => Signal(SigTerm);

    /// <summary>Kills until none is left, since one may be born while its parent dies.</summary>
    public async Task KillAsync()
    {
        for (var round = 0; round < 50 && Signal(SigKill) > 0; round++)
            await Task.Delay(20).ConfigureAwait(false);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);

    private int Signal(int signal)
    {
        var members = Members(marked: true);
        foreach (var member in members)
            _ = Kill(member.Process, signal);
        return members.Count;
    }

    private List<Member> Members(bool marked)
    {
        var all = new List<Member>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var process) && Read(process) is { } found)
                all.Add(found);
        }

        var members = all.Where(one => one.Session == session || (marked && IsMarked(one.Process))).ToList();
        var known = members.Select(member => member.Process).ToHashSet();
        for (var before = -1; before != members.Count;)
        {
            before = members.Count;
            members.AddRange(all.Where(one => known.Contains(one.Parent) && known.Add(one.Process)));
        }

        return members;
    }

    /// <summary>Null: it has ended meanwhile, or only waits to be reaped.</summary>
    private static Member? Read(int process)
    {
        try
        {
            // proc_pid_stat(5): the name in parentheses may hold anything; after it state, parent, group, session; field 24 is the resident pages.
            var text = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[0] is "Z" or "X")
                return null;
            return new Member(process, Number(fields[1]), Number(fields[3]), long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);
    }

    private bool IsMarked(int process)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/environ").AsSpan().IndexOf(_mark) >= 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Null: it cannot be read, or the process has ended meanwhile.</summary>
    private static long? ProportionalBytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/smaps_rollup").FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private readonly record struct Member(int Process, int Parent, int Session, long ResidentBytes);
}
