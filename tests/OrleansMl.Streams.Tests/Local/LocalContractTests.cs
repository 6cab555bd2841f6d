using OrleansMl.Streams.Tests.Contract;

namespace OrleansMl.Streams.Tests.Local;

/// <summary>The provider over the embedded store keeps what every provider promises.</summary>
public sealed class LocalContractTests() : StreamProviderContract<LocalHarness>(new LocalHarness());
