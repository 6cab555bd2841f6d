namespace OrleansMl.Learning;

/// <summary>A node of a Hoeffding tree.</summary>
internal abstract class TreeNode
{
}

/// <summary>Sends a row left or right by one feature.</summary>
internal sealed class SplitNode(TreeTest test, TreeNode left, TreeNode right) : TreeNode
{
    public TreeTest Test { get; } = test;

    public TreeNode Left { get; set; } = left;

    public TreeNode Right { get; set; } = right;
}
