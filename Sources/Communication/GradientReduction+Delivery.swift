internal import Diagnostics

extension GradientReduction {
  /// Sends the pieces of each part to the rank that sums the part.
  func deliver(_ partials: [UnsafeMutablePointer<Float>], _ leaves: Int) throws(Failure) {
    let (rank, ranks) = (communicator.rank, communicator.size)
    try pipeline.run(longest: longestPart) { (index, buffers) throws(Failure) in
      let own = pipeline.piece(index, of: part)
      for (place, node) in allNodes.enumerated()
      where owners[place] != rank && node.isPresent(leaves: leaves) {
        try unsafe receive(buffers[stream(of: place)], own.count, from: owners[place])
      }
      for distance in 1..<ranks {
        let peer = (rank + distance) % ranks
        let piece = pipeline.piece(index, of: parts[peer])
        for (place, node) in nodes.enumerated() where node.isPresent(leaves: leaves) {
          try unsafe send(partials[place] + piece.lowerBound, piece.count, to: peer)
        }
      }
    } use: { index, buffers in
      let own = pipeline.piece(index, of: part)
      func sum(_ place: Int) -> UnsafeMutablePointer<Float> {
        owners[place] == rank
          ? unsafe partials[place - firstPlace] + own.lowerBound
          : unsafe buffers[stream(of: place)]
      }
      for merge in merges where allNodes[merge.from].isPresent(leaves: leaves) {
        unsafe add(sum(merge.from), to: sum(merge.into), own.count)
      }
      if firstPlace > 0 {
        unsafe (partials[0] + own.lowerBound).update(from: sum(0), count: own.count)
      }
    }
  }

  /// Returns the index of the buffer that receives the sum of another rank's node.
  private func stream(of place: Int) -> Int {
    place < firstPlace ? place : place - nodes.count
  }
}
