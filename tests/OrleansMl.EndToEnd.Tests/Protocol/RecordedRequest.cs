using System.Text;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>A recorded request: head with bare LF, an empty line, the body byte for byte.</summary>
internal sealed record RecordedRequest(string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, byte[]? Body)
{
    // What the client states for the connection of its own.
    private static readonly string[] OfTheConnection = ["host", "content-length", "user-agent"];

    public static RecordedRequest Read(string file)
    {
        var bytes = File.ReadAllBytes(file);
        var end = bytes.AsSpan().IndexOf("\n\n"u8);
        var head = Encoding.ASCII.GetString(bytes, 0, end).Split('\n');
        var line = head[0].Split(' ');
        var headers = head.Skip(1).Select(h => h.Split(": ", 2)).Select(h => (Name: h[0], Value: h[1])).ToArray();
        var hasBody = headers.Any(h => h.Name == "content-length");
        return new RecordedRequest(line[0], line[1], [.. headers.Where(h => !OfTheConnection.Contains(h.Name))], hasBody ? bytes[(end + 2)..] : null);
    }

    public Task<Answer> SendAsync(Api api) => api.SendAsync(new HttpMethod(Method), Target, Body ?? (Method == "POST" ? [] : null), null, [.. Headers]);
}
