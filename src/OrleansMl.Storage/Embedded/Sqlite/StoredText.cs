using System.Text;

namespace OrleansMl.Storage.Embedded.Sqlite;

/// <summary>Text as stored: UTF-8. Text that is not valid UTF-16 is refused: replaced characters would fold two keys into one.</summary>
internal static class StoredText
{
    public static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
