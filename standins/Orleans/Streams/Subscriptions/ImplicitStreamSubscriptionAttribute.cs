using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Orleans.Streams;

namespace Orleans.Streams
{
    /// <summary>Chooses streams by their namespace.</summary>
    public interface IStreamNamespacePredicate
    {
        string PredicatePattern { get; }

        bool IsMatch(string streamNamespace);
    }

    /// <summary>Namespaces that match a regular expression.</summary>
    public class RegexStreamNamespacePredicate([StringSyntax(StringSyntaxAttribute.Regex)] string regex) : IStreamNamespacePredicate
    {
        private readonly Regex _regex = new(regex);

        public string PredicatePattern => $"regex:{_regex}";

        public bool IsMatch(string streamNameSpace) => _regex.IsMatch(streamNameSpace);
    }

    internal sealed class AllStreamNamespacesPredicate : IStreamNamespacePredicate
    {
        public string PredicatePattern => "*";

        public bool IsMatch(string streamNamespace) => true;
    }

    internal sealed class ExactMatchStreamNamespacePredicate(string name) : IStreamNamespacePredicate
    {
        public string PredicatePattern => $"namespace:{name}";

        public bool IsMatch(string streamNamespace) => streamNamespace.Trim() == name;
    }
}

namespace Orleans
{
    /// <summary>Every stream of the namespace has a grain of this class as its consumer; the stream's key is the grain's key.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public class ImplicitStreamSubscriptionAttribute : Attribute
    {
        public ImplicitStreamSubscriptionAttribute() => Predicate = new AllStreamNamespacesPredicate();

        public ImplicitStreamSubscriptionAttribute(string streamNamespace, string? streamIdMapper = null)
        {
            Predicate = new ExactMatchStreamNamespacePredicate(streamNamespace.Trim());
            StreamIdMapper = streamIdMapper;
        }

        public ImplicitStreamSubscriptionAttribute(Type predicateType, string? streamIdMapper = null)
        {
            Predicate = (IStreamNamespacePredicate)Activator.CreateInstance(predicateType)!;
            StreamIdMapper = streamIdMapper;
        }

        public ImplicitStreamSubscriptionAttribute(IStreamNamespacePredicate predicate, string? streamIdMapper = null)
        {
            Predicate = predicate;
            StreamIdMapper = streamIdMapper;
        }

        public IStreamNamespacePredicate Predicate { get; }

        /// <summary>Another rule from stream to grain key: not in the stand-in.</summary>
        public string? StreamIdMapper { get; init; }
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class RegexImplicitStreamSubscriptionAttribute([StringSyntax(StringSyntaxAttribute.Regex)] string pattern)
        : ImplicitStreamSubscriptionAttribute(new RegexStreamNamespacePredicate(pattern));
}
