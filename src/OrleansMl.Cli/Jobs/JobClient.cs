using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Jobs;

/// <summary>Jobs and data sets of a server. Files go through as streams, whatever their size.</summary>
internal sealed class JobClient(Uri server) : IDisposable
{
    /// <summary>How long a server may be away while a job is followed: it may be starting again, and the job goes on then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // An upload of gigabytes takes its time; whoever waits for it can interrupt it.
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Uploads a file; answers with the data set's id.</summary>
    /// <exception cref="CommandException">The file or the server refuses.</exception>
    public async Task<string> UploadAsync(string file, string format, CancellationToken cancellationToken) =>
        (await SendFileAsync($"/api/v1/datasets?format={format}&name={Uri.EscapeDataString(Path.GetFileName(file))}", file, format, cancellationToken).ConfigureAwait(false)).Dataset
            ?? throw CommandException.Failed($"{server} took '{file}' in and named no data set.");

    /// <summary>The data set of an id, or of a file, which is uploaded.</summary>
    /// <exception cref="CommandException">The file or the server refuses.</exception>
    public async Task<string> DatasetOfAsync(string given, CancellationToken cancellationToken) =>
        File.Exists(given) ? await UploadAsync(given, DataFormat.Of(given), cancellationToken).ConfigureAwait(false) : given;

    /// <summary>Posts a file; answers with the job that it makes.</summary>
    /// <exception cref="CommandException">The file or the server refuses.</exception>
    public async Task<JobView> SendFileAsync(string path, string file, string format, CancellationToken cancellationToken)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Invalid($"{file}: {fault.Message}");
        }

        await using (stream)
        {
            using var content = new StreamContent(stream, 1 << 16);
            content.Headers.ContentType = new MediaTypeHeaderValue(format == "csv" ? "text/csv" : "application/x-ndjson");
            using var request = new HttpRequestMessage(HttpMethod.Post, At(path)) { Content = content };
            return JobView.Of(await SendAsync(request, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Makes a job of a JSON body.</summary>
    public async Task<JobView> CreateAsync(byte[] body, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, At("/api/v1/jobs")) { Content = content };
        return JobView.Of(await SendAsync(request, cancellationToken).ConfigureAwait(false));
    }

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, At(path));
        return await SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a thing; answers with what it was.</summary>
    public async Task<JsonElement> DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, At(path));
        return await SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public async Task<JobView> GetJobAsync(string id, CancellationToken cancellationToken) => JobView.Of(await GetAsync(PathOf(id), cancellationToken).ConfigureAwait(false));

    public async Task<JobView> CancelAsync(string id, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, At(PathOf(id) + "/cancel"));
        return JobView.Of(await SendAsync(request, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Waits until a job has ended; a server that is away for a while is waited for.</summary>
    public async Task<JobView> FollowAsync(string id, Action<JobView> report, CancellationToken cancellationToken)
    {
        var heard = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                var job = await GetJobAsync(id, cancellationToken).ConfigureAwait(false);
                report(job);
                if (job.IsFinal)
                    return job;
                heard = Stopwatch.GetTimestamp();
            }
            catch (UnreachableException) when (Stopwatch.GetElapsedTime(heard) < Patience)
            {
                // It is asked again below.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a job has ended, with its progress on the terminal.</summary>
    public Task<JobView> FollowAsync(Terminal terminal, string title, string id, CancellationToken cancellationToken) =>
        terminal.WithProgressAsync(title, JobView.WholeProgress, progress => FollowAsync(id, now => progress.Report(now.Note()), cancellationToken));

    /// <summary>Makes a job of a JSON body, and writes its id out; or, where it is waited for, follows it to its end.</summary>
    /// <returns>Its result; null: it is not waited for.</returns>
    /// <exception cref="CommandException">It has not succeeded.</exception>
    public async Task<JsonElement?> RunAsync(Terminal terminal, string title, byte[] body, bool isAwaited, CancellationToken cancellationToken)
    {
        var job = await CreateAsync(body, cancellationToken).ConfigureAwait(false);
        if (!isAwaited)
        {
            terminal.Out.WriteLine(job.Id);
            return null;
        }

        terminal.Error.WriteLine($"job {job.Id}: it goes on should this be interrupted; see it with: jobs show {job.Id}");
        (await FollowAsync(terminal, title, job.Id, cancellationToken).ConfigureAwait(false)).RequireSuccess();
        return await GetResultAsync(job.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What a job that has succeeded has made.</summary>
    public async Task<JsonElement> GetResultAsync(string id, CancellationToken cancellationToken) => (await GetAsync(PathOf(id), cancellationToken).ConfigureAwait(false)).GetProperty("result");

    /// <summary>Where a job is.</summary>
    public static string PathOf(string id) => $"/api/v1/jobs/{Uri.EscapeDataString(id)}";

    /// <summary>Downloads a data set into a file: what is there of an earlier try is not fetched again, and the whole is checked.</summary>
    public async Task DownloadAsync(string dataset, string hash, string file, CancellationToken cancellationToken)
    {
        var part = $"{file}.{hash[..12]}.part";
        var have = File.Exists(part) ? new FileInfo(part).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, At($"/api/v1/datasets/{Uri.EscapeDataString(dataset)}/content"));
        if (have > 0)
        {
            request.Headers.Range = new RangeHeaderValue(have, null);
            request.Headers.IfRange = new RangeConditionHeaderValue(new EntityTagHeaderValue($"\"{hash}\""));
        }

        using (var response = await AskAsync(request, cancellationToken).ConfigureAwait(false))
        {
            // 416: all of it is there already.
            if (response.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                await RequireAsync(request, response, cancellationToken).ConfigureAwait(false);
                await using var target = new FileStream(part, response.StatusCode == HttpStatusCode.PartialContent ? FileMode.Append : FileMode.Create, FileAccess.Write);
                await response.Content.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            }
        }

        string actual;
        await using (var written = File.OpenRead(part))
            actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(written, cancellationToken).ConfigureAwait(false));
        if (actual != hash)
        {
            File.Delete(part);
            throw CommandException.Failed($"What came for '{file}' has the SHA-256 {actual}, not {hash}; ask again (--job).");
        }

        File.Move(part, file, overwrite: true);
    }

    /// <summary>Writes an answer into a file, which is there only once it is whole.</summary>
    public async Task DownloadFileAsync(string path, string? accept, string file, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(path, accept, cancellationToken).ConfigureAwait(false);
        var part = file + ".part";
        await using (var target = new FileStream(part, FileMode.Create, FileAccess.Write))
            await response.Content.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
        File.Move(part, file, overwrite: true);
    }

    /// <summary>Writes an answer out as it comes.</summary>
    public async Task CopyAsync(string path, string? accept, TextWriter target, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(path, accept, cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), Encoding.UTF8);
        var buffer = new char[1 << 14];
        for (int read; (read = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        await target.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> OpenAsync(string path, string? accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, At(path));
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        var response = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        await RequireAsync(request, response, cancellationToken).ConfigureAwait(false);
        return response;
    }

    private Uri At(string path) => new(server.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        await RequireAsync(request, response, cancellationToken).ConfigureAwait(false);
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        return document.RootElement.Clone();
    }

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException fault)
        {
            throw new UnreachableException($"{server} does not answer ({fault.Message.TrimEnd('.')}). Start a server with 'up', or name another with --url URL.");
        }
    }

    private static async Task RequireAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var fault = new Http.ApiAnswer(response.StatusCode, body).Fault;
        var text = string.Create(CultureInfo.InvariantCulture, $"{request.Method} {request.RequestUri!.AbsolutePath}: {fault}");
        throw (int)response.StatusCode is 400 or 413 or 422 ? CommandException.Invalid(text) : CommandException.Failed(text);
    }
}
