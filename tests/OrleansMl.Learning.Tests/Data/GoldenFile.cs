using System.Text.Json;

namespace OrleansMl.Learning.Tests;

/// <summary>Answers of other libraries; a path is members parted by '/'.</summary>
internal sealed class GoldenFile(string name)
{
    private readonly JsonElement _root = JsonDocument.Parse(File.ReadAllText(SharedData.Require($"golden/{name}.json"))).RootElement;

    public JsonElement this[string path] => path.Split('/').Aggregate(_root, (element, member) => element.GetProperty(member));

    public double Number(string path) => this[path].GetDouble();

    public double[] Numbers(string path) => [.. this[path].EnumerateArray().Select(item => item.GetDouble())];

    public int[] Integers(string path) => [.. this[path].EnumerateArray().Select(item => item.GetInt32())];
}
