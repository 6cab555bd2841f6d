namespace OrleansMl.Cli.Output;

/// <summary>How far a piece of work is.</summary>
/// <param name="Done">Units done, of the total.</param>
/// <param name="Text">What else to show.</param>
internal readonly record struct ProgressNote(long Done, string Text);
