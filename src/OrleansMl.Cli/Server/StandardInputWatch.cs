namespace OrleansMl.Cli.Server;

/// <summary>
/// Lets a server end with the process that started it: that process holds the other end of its standard input, and the
/// system closes it however that process ends. Only where the variable asks for it: else a server started with closed
/// input (by a service manager) would end at once.
/// </summary>
internal static class StandardInputWatch
{
    public const string Variable = "ORLEANSML_STOP_WITH_STDIN";

    /// <summary>Cancels <paramref name="source"/> at the end of the standard input, if the variable is set.</summary>
    public static void Begin(Func<string, string?> environment, Stream input, CancellationTokenSource source)
    {
        if (environment(Variable) != "1")
            return;
        var thread = new Thread(() =>
        {
            Span<byte> buffer = stackalloc byte[64];
            try
            {
                while (input.Read(buffer) > 0)
                {
                }
            }
            catch (IOException)
            {
                // As good as its end.
            }

            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The server has ended by itself.
            }
        })
        {
            IsBackground = true,
            Name = "standard input watch",
        };
        thread.Start();
    }
}
