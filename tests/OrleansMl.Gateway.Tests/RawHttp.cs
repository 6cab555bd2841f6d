using System.Net.Sockets;
using System.Text;

namespace OrleansMl.Gateway.Tests;

/// <summary>Sends bytes as they are and reads the answer to the end of the connection.</summary>
internal static class RawHttp
{
    public static async Task<string> SendAsync(Uri address, byte[] request)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, timeout.Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(request, timeout.Token);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, timeout.Token);
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
