/// A node of the balanced binary tree that defines the order in which shard gradients are added.
///
/// Node (level, j) is the sum of leaves [j * 2^level, (j + 1) * 2^level). In a step with fewer
/// samples only the first leaves are present; a node with one present child equals that child, so
/// zeros are never added.
package struct TreeNode: Hashable, Sendable {
  package let level: Int
  package let index: Int

  package init(level: Int, index: Int) {
    self.level = level
    self.index = index
  }

  package var leaves: Range<Int> { index << level..<(index + 1) << level }

  package var sibling: TreeNode { TreeNode(level: level, index: index ^ 1) }

  package var parent: TreeNode { TreeNode(level: level + 1, index: index >> 1) }

  /// Returns whether the node has any leaf in a step whose first `count` leaves are present.
  package func isPresent(leaves count: Int) -> Bool { index << level < count }

  /// Returns the largest complete subtrees that cover a range of leaves, in order.
  package static func covering(_ range: Range<Int>) -> [TreeNode] {
    var nodes: [TreeNode] = []
    var leaf = range.lowerBound
    while leaf < range.upperBound {
      let rest = range.upperBound - leaf
      let fitting = rest.bitWidth - 1 - rest.leadingZeroBitCount
      let level = leaf == 0 ? fitting : min(fitting, leaf.trailingZeroBitCount)
      nodes.append(TreeNode(level: level, index: leaf >> level))
      leaf += 1 << level
    }
    return nodes
  }

  /// Returns the additions that merge adjacent nodes into as few nodes as possible.
  ///
  /// Each addition comes as soon as both of its nodes are available. The remaining nodes are the
  /// covering of the same leaves.
  package static func merges(of nodes: [TreeNode]) -> [Merge] {
    var merges: [Merge] = []
    var open: [(node: TreeNode, place: Int)] = []
    for (place, node) in nodes.enumerated() {
      open.append((node, place))
      while open.count > 1, case let right = open[open.count - 1],
        case let left = open[open.count - 2], left.node == right.node.sibling
      {
        merges.append(Merge(into: left.place, from: right.place))
        open.removeLast(2)
        open.append((left.node.parent, left.place))
      }
    }
    return merges
  }
}

/// An addition in the tree: the sum at index `from` is added to the one at index `into`.
///
/// It is skipped if the node at `from` is absent.
package struct Merge: Hashable, Sendable {
  package let into: Int
  package let from: Int
}
