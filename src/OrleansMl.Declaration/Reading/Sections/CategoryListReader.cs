using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads the <c>categories</c> of a stage that encodes columns.</summary>
internal static class CategoryListReader
{
    /// <summary>Doubles or strings, as the selected columns hold; empty: they are learned from the training rows.</summary>
    public static ImmutableArray<object> Read(MapReader map, string stage, ImmutableArray<VectorColumn> selected)
    {
        var categories = ImmutableArray.CreateBuilder<object>();
        if (map["categories"] is { } list)
        {
            var texts = selected.FirstOrDefault(column => column.IsCategorical);
            var numbers = selected.FirstOrDefault(column => !column.IsCategorical);
            if (texts is not null && numbers is not null)
                list.Fault("conflict", $"The same categories cannot be of numbers ('{numbers.Name}') and of texts ('{texts.Name}'); use one {stage} stage for each.");
            var items = list.Items("categories", Limits.Categories);
            if (list.IsSequence && items.IsEmpty)
                list.Fault("invalid_value", "The list of categories is empty; give them, or leave the key out to learn them from the training rows.");
            var seen = new HashSet<object>();
            foreach (var item in items)
            {
                object? category = texts is not null && numbers is null ? item.Line($"a category of '{texts.Name}', which holds texts", Limits.Text)
                    : numbers is not null && texts is null ? item.Number()
                    : item.NumberIfAny() is { } number ? number : item.Line("a category", Limits.Text);
                if (category is null)
                    continue;

                // Numbers are compared as 32-bit floats when the stage runs: those that fall together are one category.
                if (seen.Add(category is double d ? (float)d : category))
                    categories.Add(category);
                else
                    item.Fault("duplicate_name", $"The category {item.Said()} is listed twice (numbers are compared as 32-bit floats); keep one.");
            }
        }

        return categories.DrainToImmutable();
    }
}
