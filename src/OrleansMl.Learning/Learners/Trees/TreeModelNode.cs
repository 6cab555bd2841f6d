namespace OrleansMl.Learning;

/// <summary>A node of a tree.</summary>
/// <param name="Test">Null: a leaf.</param>
/// <param name="Left">Place of the next node for rows that the test sends left.</param>
/// <param name="Right">For the others.</param>
/// <param name="Leaf">Of a leaf, its number; else −1.</param>
public sealed record TreeModelNode(TreeTest? Test, int Left, int Right, int Leaf);
