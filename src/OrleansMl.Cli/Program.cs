using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Output;

var terminal = Terminal.OfProcess(Environment.GetEnvironmentVariable);
return await new OmlCommandLine(terminal, Environment.GetEnvironmentVariable).RunAsync(args, CancellationToken.None).ConfigureAwait(false);
