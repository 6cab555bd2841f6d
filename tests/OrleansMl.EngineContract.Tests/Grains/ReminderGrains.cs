using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

public interface IReminderGrain : IGrainWithStringKey
{
    Task Register(string name, TimeSpan due, TimeSpan period);

    Task Unregister(string name);

    Task<string[]> Names();

    Task<string?> Find(string name);

    Task EndOnIdle();

    Task<string> RegisterTooFrequent();

    Task<string> RegisterOutsideOfTheTurn();
}

public sealed class ReminderGrain : Grain, IReminderGrain, IRemindable
{
    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Journal.Add(Key, "activated");
        return Task.CompletedTask;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Journal.Add($"{Key} {reminderName}", $"{status.Period} {status.CurrentTickTime >= status.FirstTickTime}");
        Gates.Open($"{Key} {reminderName} tick {Journal.Of($"{Key} {reminderName}").Length}");
        return Task.CompletedTask;
    }

    public Task Register(string name, TimeSpan due, TimeSpan period) => this.RegisterOrUpdateReminder(name, due, period);

    public async Task Unregister(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public async Task<string[]> Names() => [.. (await this.GetReminders()).Select(r => r.ReminderName).Order()];

    public async Task<string?> Find(string name) => (await this.GetReminder(name))?.ReminderName;

    public Task EndOnIdle()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<string> RegisterTooFrequent()
    {
        try
        {
            await this.RegisterOrUpdateReminder("often", TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
            return "allowed";
        }
        catch (ArgumentException)
        {
            return "refused";
        }
    }

    public async Task<string> RegisterOutsideOfTheTurn()
    {
        try
        {
            await Task.Run(() => this.RegisterOrUpdateReminder("outside", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)));
            return "allowed";
        }
        catch (InvalidOperationException)
        {
            return "refused";
        }
    }
}
