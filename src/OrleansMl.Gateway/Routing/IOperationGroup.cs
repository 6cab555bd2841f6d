namespace OrleansMl.Gateway.Routing;

/// <summary>The routes of one concept.</summary>
internal interface IOperationGroup
{
    IEnumerable<Operation> Operations { get; }
}
