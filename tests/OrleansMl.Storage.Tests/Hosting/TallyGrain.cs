using Orleans;
using Orleans.Runtime;

namespace OrleansMl.Storage.Tests.Hosting;

public interface ITallyGrain : IGrainWithStringKey
{
    Task<int> AddAsync();

    Task ClearAsync();

    Task RemindAsync();

    Task<List<string>> RemindersAsync();
}

public sealed class TallyGrain(
    [PersistentState("tally", "oml")] IPersistentState<TallyGrain.Tally> tally,
    [PersistentState("tally-by-default")] IPersistentState<TallyGrain.Tally> second) : Grain, ITallyGrain, IRemindable
{
    public async Task<int> AddAsync()
    {
        tally.State.Count++;
        second.State.Count = tally.State.Count;
        await tally.WriteStateAsync();
        await second.WriteStateAsync();
        return tally.State.Count;
    }

    public async Task ClearAsync()
    {
        await tally.ClearStateAsync();
        await second.ClearStateAsync();
    }

    public async Task RemindAsync() => await this.RegisterOrUpdateReminder("hourly", TimeSpan.FromHours(1), TimeSpan.FromHours(1));

    public async Task<List<string>> RemindersAsync() => [.. (await this.GetReminders()).Select(r => r.ReminderName)];

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    public sealed class Tally
    {
        public int Count { get; set; }
    }
}
