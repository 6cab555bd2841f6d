using OrleansMl.Inference;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

public sealed class ServingOptionsTests
{
    public static TheoryData<ServingOptions, string> Wrong() => new()
    {
        { new ServingOptions { Loaders = 0 }, "Serving:Loaders is 0; give 1 to 64." },
        { new ServingOptions { LoadAttempts = 0 }, "Serving:LoadAttempts is 0; give 1 (no second attempt) to 100." },
        { new ServingOptions { RetryDelay = TimeSpan.Zero }, "Serving:RetryDelay is 00:00:00; give a time above 0, such as 00:00:00.5." },
        { new ServingOptions { MaxRetryDelay = TimeSpan.FromMilliseconds(1) }, "Serving:MaxRetryDelay is 00:00:00.0010000; give a time from 00:00:00.5000000 (RetryDelay) to one day." },
        { new ServingOptions { ColdStartLimit = TimeSpan.FromHours(1) }, "Serving:ColdStartLimit is 01:00:00; give a time from 0 (do not wait) to 00:10:00." },
        { new ServingOptions { MemoryBudgetBytes = 0 }, "Serving:MemoryBudgetBytes is 0; give a number of bytes above 0, or leave it out for no limit." },
        { new ServingOptions { Pinned = { "fraud:x" } }, "Serving:Pinned has 'fraud:x'; give MODEL or MODEL:VERSION, such as fraud or fraud:3." },
        { new ServingOptions { Devices = { Default = "gpu" } }, "Serving:Devices:Default is 'gpu'; give 'cpu', 'cuda:N' or 'tensorrt:N'." },
        { new ServingOptions { Devices = { Default = "cuda:0", Allowed = { "cpu" } } }, "Serving:Devices:Default is 'cuda:0', which Serving:Devices:Allowed lacks (cpu); add it, or leave Allowed empty for all." },
        { new ServingOptions { Devices = { Allowed = { "cpu", "tpu:1" } } }, "Serving:Devices:Allowed has 'tpu:1'; give 'cpu', 'cuda:N' or 'tensorrt:N'." },
        { new ServingOptions { Devices = { Fallback = (DeviceFallback)7 } }, "Serving:Devices:Fallback is 7; give Refuse or Cpu." },
        { new ServingOptions { Devices = { GpuMemoryLimitBytes = 10 } }, "Serving:Devices:GpuMemoryLimitBytes is 10; give at least 1048576 bytes, or leave it out for no limit." },
        { new ServingOptions { Devices = { EngineCacheFolder = "engines" } }, "Serving:Devices:EngineCacheFolder is 'engines'; give a full path." },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void A_wrong_value_is_named_with_its_remedy(ServingOptions options, string expected)
    {
        Assert.Equal(expected, Assert.Single(options.Faults()));
        Assert.Equal(expected, Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    [Fact]
    public void What_is_the_default_is_valid_and_pins_name_a_model_or_a_version()
    {
        Assert.Empty(new ServingOptions().Faults());
        var pinned = new ServingOptions { Pinned = { "fraud:3", "churn" } };
        Assert.Empty(pinned.Faults());
        Assert.Equal((true, false, true), (pinned.IsPinned(new("fraud", 3)), pinned.IsPinned(new("fraud", 30)), pinned.IsPinned(new("churn", 9))));
    }
}
