namespace OrleansMl.Inference.Tests;

/// <summary>Model files with a few bits turned.</summary>
internal static class DamagedModels
{
    /// <summary>Each is refused with a message or runs, some of either, and the process lives.</summary>
    public static void AreRefusedOrRun(byte[] whole, int rounds, int seed)
    {
        var random = new Random(seed);
        var loaded = 0;
        for (var round = 0; round < rounds; round++)
        {
            var mutant = whole.ToArray();
            for (var edits = random.Next(1, 4); edits > 0; edits--)
                mutant[random.Next(mutant.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                using var model = OnnxModel.Load(mutant);
                WarmUp.Run(model, [2], TimeProvider.System);
                loaded++;
            }
            catch (ModelLoadException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
        }

        Assert.InRange(loaded, 1, rounds - 1);
    }
}
