namespace OrleansMl.Grains.Tests;

/// <summary>Following by long poll, without a grain.</summary>
public sealed class LongPollTests
{
    [Fact]
    public async Task What_fails_is_told_and_asked_again_and_the_end_is_quiet()
    {
        using var stopping = new CancellationTokenSource();
        var (asked, failures) = (0, new List<Exception>());
        await LongPoll.FollowAsync(AskAsync, failures.Add, stopping.Token);
        Assert.Equal(4, asked);
        Assert.Equal("away", Assert.Single(failures).Message);

        async Task<bool> AskAsync(CancellationToken token)
        {
            await Task.Yield();
            switch (++asked)
            {
                case 1:
                    throw new InvalidOperationException("away");
                case 2:
                    return false;
                case 3:
                    return true;
                default:
                    // A silo that stops fails the calls under way as it likes.
                    await stopping.CancelAsync();
                    throw new TimeoutException("the silo went");
            }
        }
    }

    [Fact]
    public async Task One_that_is_stopped_before_it_begins_asks_nothing()
    {
        await LongPoll.FollowAsync(_ => throw new InvalidOperationException("asked"), _ => Assert.Fail("It asked."), new CancellationToken(canceled: true));
    }
}
