using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

/// <summary>Refused by the public engine's compiler, by the stand-in at the first use; and what only a cluster can do.</summary>
public sealed class StandInRefusalTests(EngineCluster engine) : EngineTest(engine)
{
    public interface IWrongReturn : IGrainWithStringKey
    {
        int Get();
    }

    public interface IWithProperty : IGrainWithStringKey
    {
        Task<int> Value { get; }
    }

    public interface IWithReference : IGrainWithStringKey
    {
        Task Get(ref int value);
    }

    public interface IWithTwoTokens : IGrainWithStringKey
    {
        Task Get(CancellationToken one, CancellationToken two);
    }

    public interface IBoundary : IWrongReturn, IWithProperty;

    public sealed class BoundaryGrain : Grain, IBoundary, IWithReference, IWithTwoTokens
    {
        public Task<int> Value => Task.FromResult(0);

        public int Get() => 0;

        public Task Get(ref int value) => Task.CompletedTask;

        public Task Get(CancellationToken one, CancellationToken two) => Task.CompletedTask;
    }

    [Fact]
    public void Interfaces_that_the_compiler_of_the_public_engine_refuses_are_refused_with_the_remedy()
    {
        Refused<IWrongReturn>("returns System.Int32 from Get; a grain method returns Task");
        Refused<IWithProperty>("has a property; grain interfaces have methods only");
        Refused<IWithReference>("has a ref, in or out parameter in Get");
        Refused<IWithTwoTokens>("more than one CancellationToken in Get");

        void Refused<T>(string fault)
            where T : IGrainWithStringKey =>
            Assert.Contains(fault, Assert.Throws<NotSupportedException>(() => Grains.GetGrain<T>(NewKey())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_silo_is_refused_with_a_clear_message()
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => Engine.Cluster.StartAdditionalSiloAsync());
        Assert.Contains("OmlEngine=orleans", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_a_message_as_bytes_is_refused()
    {
        var error = Assert.Throws<NotSupportedException>(() => Engine.SiloServices.GetRequiredService<Orleans.Serialization.Serializer>().SerializeToArray(1));
        Assert.Contains("OmlEngine=orleans", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Joining_another_processes_cluster_is_refused()
    {
        var builder = Host.CreateApplicationBuilder();
        var error = Assert.Throws<NotSupportedException>(() =>
            builder.UseOrleans(silo => silo.UseLocalhostClustering(11112, 30001, new IPEndPoint(IPAddress.Loopback, 11111))));
        Assert.Contains("single process", error.Message.Replace("one process", "single process", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_a_silo_in_this_process_is_refused()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.UseOrleansClient(client => client.Configure<ClusterOptions>(o => o.ClusterId = NewKey()));
        using var host = builder.Build();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => host.StartAsync());
    }
}
