internal import Randomness

/// Hides tokens of a text, which a network learns to predict from those around them.
///
/// As in BERT (Devlin and others 2018), of the tokens that are targets 80 % become the mask, 10 % a
/// random token, and 10 % stay. The choice is a function of the seed, the epoch and the sample, so
/// it is the same on any number of ranks and after any interruption. Evaluations, which have no
/// epoch, always make the same choice.
package struct Masking: Equatable, Sendable {
  /// The share of a sample's tokens that are targets.
  package let share: Double
  private let seed: UInt64

  package init(share: Double, seed: UInt64 = 0) {
    self.share = share
    self.seed = seed
  }

  /// The number of targets in a sample of so many tokens.
  package func count(in length: Int) -> Int { max(1, Int((share * Double(length)).rounded())) }

  /// Hides the targets of samples, whose tokens are below `mask`, the token of the mask.
  func hideTargets(
    of samples: ArraySlice<Int32>, in tokens: UnsafeMutableBufferPointer<Int32>, behind mask: Int32,
    epoch: Int?
  ) {
    unsafe forEachSample(samples, of: tokens) { sample, tokens in
      forEachTarget(of: sample, tokens.count, epoch) { place, stream in
        switch stream.integer(below: 10, at: 3 * place + 1) {
        case 0..<8: unsafe tokens[place] = mask
        case 8: unsafe tokens[place] = Int32(stream.integer(below: Int(mask), at: 3 * place + 2))
        default: break
        }
      }
    }
  }

  /// Replaces all tokens that are no targets by -1.
  func keepTargets(
    of samples: ArraySlice<Int32>, in tokens: UnsafeMutableBufferPointer<Int32>, epoch: Int?
  ) {
    unsafe forEachSample(samples, of: tokens) { sample, tokens in
      var next = 0
      forEachTarget(of: sample, tokens.count, epoch) { place, _ in
        unsafe tokens[next..<place].update(repeating: -1)
        next = place + 1
      }
      unsafe tokens[next...].update(repeating: -1)
    }
  }

  private func forEachSample(
    _ samples: ArraySlice<Int32>, of tokens: UnsafeMutableBufferPointer<Int32>,
    _ body: (Int32, UnsafeMutableBufferPointer<Int32>) -> Void
  ) {
    let length = tokens.count / max(1, samples.count)
    for (index, sample) in samples.enumerated() {
      unsafe body(
        sample,
        UnsafeMutableBufferPointer(rebasing: tokens[index * length..<(index + 1) * length]))
    }
  }

  /// Calls `body` with the place of each target of a sample, in order, and its random numbers:
  /// those from three times the place on.
  ///
  /// A place becomes one of the targets that are missing as probably as each of those behind it.
  private func forEachTarget(
    of sample: Int32, _ length: Int, _ epoch: Int?, _ body: (Int, RandomStream) -> Void
  ) {
    let stream = RandomStream(
      seed: epoch == nil ? 0 : seed, purpose: .masking, major: UInt64(epoch ?? 0),
      minor: UInt32(bitPattern: sample))
    var missing = count(in: length)
    for place in 0..<length
    where stream.integer(below: length - place, at: 3 * place) < missing {
      missing -= 1
      body(place, stream)
    }
  }
}
