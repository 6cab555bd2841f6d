using System.Collections.Immutable;

namespace OrleansMl.Services;

/// <remarks>Rollouts. What is answered is visible to the next request on this silo.</remarks>
internal sealed partial class ControlService
{
    public async Task<OmlResult<Rollout>> StartRolloutAsync(string model, RolloutRequest request, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(model, cancellationToken) is { } unknown
            ? unknown
            : await CatchUpAsync(model, await grains.GetGrain<IRolloutGrain>(model).StartAsync(request), cancellationToken);

    public async Task<OmlResult<Rollout>> CommandRolloutAsync(string model, int id, string command, string by, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(model, cancellationToken) is { } unknown
            ? unknown
            : await CatchUpAsync(model, await grains.GetGrain<IRolloutGrain>(model).CommandAsync(id, command, by), cancellationToken);

    public async Task<OmlResult<ImmutableArray<Rollout>>> GetRolloutsAsync(string model, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } unknown)
            return unknown;
        var grain = grains.GetGrain<IRolloutGrain>(model);
        var rollouts = await grain.ListAsync();
        if (rollouts is not [.., { IsUnderWay: true }])
            return rollouts;
        await grain.ReviewAsync();
        return await grain.ListAsync();
    }

    private async Task<OmlResult<Rollout>> CatchUpAsync(string model, OmlResult<Rollout> rollout, CancellationToken cancellationToken)
    {
        if (rollout.IsSuccess)
            await plans.CatchUpAsync(model, (await grains.GetGrain<IModelGrain>(model).GetPlanAsync()).Revision, cancellationToken);
        return rollout;
    }
}
