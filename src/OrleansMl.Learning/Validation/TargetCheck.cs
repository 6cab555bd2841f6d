namespace OrleansMl.Learning;

/// <summary>Whether there is something to learn.</summary>
internal static class TargetCheck
{
    /// <summary>False: the targets are such that nothing else can be looked at.</summary>
    public static bool Check(ValidatedData data, DataValidationOptions options, FindingLog log)
    {
        var (targets, classes) = (data.Targets, data.Classes.Length);
        if (targets.Length < options.MinRows)
            log.Add(DataChecks.Rows, null, targets.Length, options.MinRows, $"There are {targets.Length} rows, and at least {options.MinRows} are needed; widen the window, or wait for more outcomes.");
        var wrong = Array.FindIndex(targets, target => classes == 0 ? !double.IsFinite(target) : !(target >= 0 && target < classes && target == Math.Floor(target)));
        if (wrong >= 0)
        {
            log.Add(DataChecks.Target, null, wrong, null, $"Target '{data.TargetName}' of row {wrong} is {targets[wrong]}; it must be {(classes == 0 ? "a finite number" : $"the number of a class, 0 to {classes - 1}")}.");
            return false;
        }

        if (targets.Length == 0)
            return false;
        if (targets.All(target => target == targets[0]))
        {
            if (classes > 0)
                log.Add(DataChecks.ConstantTarget, null, 1, null, $"All {targets.Length} rows are of the class '{data.Classes[(int)targets[0]]}' of target '{data.TargetName}'; there is nothing to tell apart. Widen the window.");
            else
                log.Add(DataChecks.ConstantTarget, null, 1, null, $"Target '{data.TargetName}' is {targets[0]} in all {targets.Length} rows; there is nothing to learn. Widen the window.");
            return true;
        }

        for (var one = 0; one < classes; one++)
        {
            var share = targets.Count(target => target == one) / (double)targets.Length;
            if (share < options.Balance)
                log.Add(DataChecks.Balance, null, share, options.Balance, $"{DataValidation.Percent(share)} of the rows are of the class '{data.Classes[one]}', under the limit of {DataValidation.Percent(options.Balance)}; its probabilities will be unsure. Weigh the classes, or widen the window.");
        }

        return true;
    }
}
