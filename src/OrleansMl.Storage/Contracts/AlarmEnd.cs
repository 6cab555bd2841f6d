namespace OrleansMl.Storage;

/// <summary>The end of an alarm.</summary>
public sealed record AlarmEnd(string Model, string Id, DateTime Ended);
