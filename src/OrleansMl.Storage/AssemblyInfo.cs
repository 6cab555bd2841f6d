using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OrleansMl.Storage.Tests")]
