// Started by a silo for one training; whoever starts it by hand is told what it is.
Console.Error.WriteLine("This program trains for a silo, in a process of its own; use ./orleansml retrain.");
return 2;
