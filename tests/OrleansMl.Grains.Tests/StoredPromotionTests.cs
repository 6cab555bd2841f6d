using System.Text;
using OrleansMl.Models;
using OrleansMl.Storage.GrainState;

namespace OrleansMl.Grains.Tests;

public sealed class StoredPromotionTests
{
    [Fact]
    public void A_promotion_that_was_stored_before_there_were_slices_is_read()
    {
        const string Stored = """
            {"Versions":[],"Aliases":{"champion":2},"PlanRevision":5,"LastVersion":2,"Traffic":null,"Configuration":null,
             "Promotions":[{"Id":1,"From":1,"To":2,"At":"2026-01-05T12:00:00Z","By":"trainer","Decision":"promoted","Reason":"better","PlanRevision":5,
               "Evidence":{"Test":"confidence_sequence","Metric":"log_loss","N":300,"Estimate":0.02,"Lower":0.01,"Upper":0.03,"Alpha":0.05}}]}
            """;
        var state = new JsonGrainStateSerializer().Deserialize<ModelState>(Encoding.UTF8.GetBytes(Stored))!;
        var promotion = Assert.Single(state.Promotions);
        Assert.Equal((300L, 0.01, null), (promotion.Evidence!.N, promotion.Evidence.Lower, promotion.Rollout));
        Assert.Empty(promotion.Evidence.Slices);
        Assert.Empty(promotion.Evidence.Guardrails);
        Assert.Empty(promotion.Evidence.DroppedSlices);
        Assert.Equal((null, 0L), (state.Rollout, state.TrainerEpoch));
    }
}
