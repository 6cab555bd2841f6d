namespace OrleansMl.Grains.Tests;

/// <summary>One cluster for the tests that leave it standing.</summary>
[CollectionDefinition(Name)]
public sealed class LoopCollection : ICollectionFixture<LoopFixture>
{
    public const string Name = "loop";
}
