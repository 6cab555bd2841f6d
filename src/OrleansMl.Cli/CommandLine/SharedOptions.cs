using System.CommandLine;

namespace OrleansMl.Cli.CommandLine;

/// <summary>Options that several commands have.</summary>
internal static class SharedOptions
{
    public static readonly Uri DefaultServer = new("http://127.0.0.1:8000");

    /// <summary><c>--url</c> of a command that asks a server; see <see cref="ServerOf"/>.</summary>
    public static Option<Uri?> Server() => Url($"Server (default {DefaultServer}).");

    /// <summary>The server that a command asks.</summary>
    public static Uri ServerOf(ParseResult parsed, Option<Uri?> url) => parsed.GetValue(url) ?? DefaultServer;

    /// <summary><c>--url</c>, http or https.</summary>
    public static Option<Uri?> Url(string description) => new("--url")
    {
        Description = description,
        HelpName = "URL",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                return url;
            result.AddError($"--url is '{text}', an address such as {DefaultServer} is needed.");
            return null;
        },
    };

    /// <summary>A whole number with a least value.</summary>
    public static Option<int?> Number(string name, string description, int least, int most = int.MaxValue)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            // A text that is no number has its own error.
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, System.Globalization.CultureInfo.InvariantCulture, out var number) && (number < least || number > most))
                result.AddError(most == int.MaxValue ? $"{name} is {number}, at least {least} is needed." : $"{name} is {number}, {least} to {most} is needed.");
        });
        return option;
    }
}
