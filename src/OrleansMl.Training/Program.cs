using OrleansMl.Training;

// Started by a silo for one training; whoever starts it by hand is told what it is.
if (args is ["work", var folder])
{
    if (File.Exists(Path.Combine(folder, TrainingPlan.FileName)))
        return new TrainingWork(folder, Console.Out).Run(CancellationToken.None);
    if (File.Exists(Path.Combine(folder, HeadPlan.FileName)))
        return new HeadWork(folder, Console.Out).Run(CancellationToken.None);
}

Console.Error.WriteLine("This program trains for a silo, in a process of its own; use ./orleansml retrain or ./orleansml finetune.");
return 2;
