using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Rollouts;

/// <summary>Sums what all silos have counted of a stage. A silo that cannot be reached is left out: evidence that lacks is waited for.</summary>
internal sealed class AnswerReader(ServedAnswers local, ReplicaDirectory directory)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<RolloutAnswers> ReadAsync(string model, RolloutMark mark)
    {
        var others = await Task.WhenAll(directory.Others.Select(silo => ReadAsync(silo, model, mark)));
        return others.Aggregate(local.Read(model, mark), (sum, answers) => sum.Add(answers));
    }

    private async Task<RolloutAnswers> ReadAsync(string silo, string model, RolloutMark mark)
    {
        try
        {
            return await directory.Grain(silo).ReadAnswersAsync(model, mark).WaitAsync(Patience);
        }
        catch (Exception exception) when (exception is TimeoutException || Unavailability.Explain(exception) is not null)
        {
            return RolloutAnswers.None;
        }
    }
}
