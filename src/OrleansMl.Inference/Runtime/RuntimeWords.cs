using System.Text.RegularExpressions;

namespace OrleansMl.Inference;

/// <summary>What the runtime says of a failure, without the places in its own source.</summary>
internal static partial class RuntimeWords
{
    /// <summary>The last of its messages, without a full stop.</summary>
    public static string Of(Exception exception)
    {
        var text = Preamble().Replace(exception.Message, "");
        return text.Trim().TrimEnd('.');
    }

    // "[ErrorCode:Fail] /source/file.cc:2043 signature [ONNXRuntimeError] : 1 : FAIL : what it is about"
    [GeneratedRegex(@"^\[ErrorCode:\w+\]\s*(?:.*\[ONNXRuntimeError\] : \d+ : \w+ : )?", RegexOptions.Singleline)]
    private static partial Regex Preamble();
}
