namespace OrleansMl.Declaration;

/// <summary>Warnings about what is read and checked, and not carried out by this version.</summary>
internal static class NotYetServed
{
    public const string Code = "not_served_yet";

    public const string Live = "'serve: live' is declared; this version serves promoted versions only.";
}
