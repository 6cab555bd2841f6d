namespace OrleansMl;

/// <summary>What an attempt shall do now.</summary>
public enum JobDirective : byte
{
    Continue = 0,

    /// <summary>Stop, and say that it is cancelled.</summary>
    Cancel = 1,
}
