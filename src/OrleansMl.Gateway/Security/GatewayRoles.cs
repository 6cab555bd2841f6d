namespace OrleansMl.Gateway;

/// <summary>What a key may do.</summary>
[Flags]
public enum GatewayRoles
{
    /// <summary>Nothing beyond what needs no key.</summary>
    None = 0,

    /// <summary>Ask models; read features and predictions.</summary>
    Predict = 1,

    /// <summary>Send events and attributes.</summary>
    Ingest = 2,

    /// <summary>Send outcomes.</summary>
    Label = 4,

    /// <summary>Move aliases, promote, roll back, load, steer learners, run jobs, upload data sets, read metrics.</summary>
    Operate = 8,

    /// <summary>Everything, applications and versions included.</summary>
    Admin = 16,
}
