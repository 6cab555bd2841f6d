using System.Text.Json;

namespace OrleansMl.Learning.Tests;

/// <summary>Answers of another library that a script of <c>Golden/scripts</c> wrote; a path is members parted by '/'.</summary>
internal sealed class AnswerFile(string name)
{
    private readonly JsonElement _root = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "answers", name + ".json"))).RootElement;

    public JsonElement this[string path] => path.Split('/').Aggregate(_root, (element, member) => element.GetProperty(member));

    public double Number(string path) => this[path].GetDouble();

    public double[] Numbers(string path) => [.. this[path].EnumerateArray().Select(item => item.GetDouble())];

    /// <summary>Rows one after the other.</summary>
    public double[] Matrix(string path) => [.. this[path].EnumerateArray().SelectMany(row => row.EnumerateArray().Select(item => item.GetDouble()))];
}
