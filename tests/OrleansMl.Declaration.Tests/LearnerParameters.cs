using OrleansMl.Learning;

namespace OrleansMl.Declaration.Tests;

/// <summary>Every parameter of every learner, for either target; equal ones once.</summary>
internal static class LearnerParameters
{
    public static IEnumerable<LearnerParameter> All { get; } = [.. new[] { 0, 2 }
        .SelectMany(classes => LearnerFactory.Kinds.Where(kind => kind.Learns(classes)).SelectMany(kind => kind.Parameters(classes)))];
}
