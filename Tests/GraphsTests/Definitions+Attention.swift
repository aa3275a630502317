import Glibc
import Graphs
import TestSupport

/// Attention and its gradients by loops over samples, heads, queries and keys.
struct AttentionDefinition {
  private let attention: Composite.Attention
  private let x: [Tensor]
  /// What each weight is multiplied by, `[n, heads, t, s]`.
  private let kept: Tensor?

  init(_ attention: Composite.Attention, _ x: [Tensor], kept: Tensor? = nil) {
    (self.attention, self.x, self.kept) = (attention, x, kept)
  }

  /// The place of a query: sample, step and head.
  private struct Place {
    let sample, step, head: Int
  }

  private var q: Tensor { x[0] }
  private var keys: Int { x[attention.continues ? 3 : 1].shape[1] }

  private func group(_ place: Place) -> Int {
    place.head / (q.shape[2] / x[1].shape[2])
  }

  private var count: Tensor? {
    attention.hasCounts ? x[attention.continues ? 5 : 3] : nil
  }

  /// Whether a key is that of the step itself, behind those that were kept.
  private func isOwn(_ place: Place, _ key: Int) -> Bool {
    attention.continues && Double(key) == count?[[place.sample]]
  }

  private func sees(_ place: Place, _ key: Int) -> Bool {
    if attention.isCausal && key > place.step { return false }
    guard let count = count?[[place.sample]] else { return true }
    return Double(key) < count + (attention.continues ? 1 : 0)
  }

  /// The operand and the index of an element of a key, or of a value.
  private func element(
    _ place: Place, _ key: Int, _ i: Int, isValue: Bool
  ) -> (operand: Int, index: [Int]) {
    let isOwn = !attention.continues || isOwn(place, key)
    let step = attention.continues && isOwn ? 0 : key
    return (
      (isValue ? 2 : 1) + (isOwn ? 0 : 2), [place.sample, step, group(place), i]
    )
  }

  private func number(_ place: Place, _ key: Int, _ i: Int, isValue: Bool) -> Double {
    let (operand, index) = element(place, key, i, isValue: isValue)
    return x[operand][index]
  }

  private func query(_ place: Place, _ i: Int) -> Double {
    q[[place.sample, place.step, place.head, i]]
  }

  /// e to the score of each key, 0 for those that are not seen.
  private func powers(_ place: Place) -> [Double] {
    (0..<keys).map { key in
      guard sees(place, key) else { return 0 }
      return exp(
        attention.scale
          * (0..<q.shape[3]).reduce(0) {
            $0 + query(place, $1) * number(place, key, $1, isValue: false)
          })
    }
  }

  private func weights(_ place: Place) -> [Double] {
    let powers = powers(place)
    let sum = powers.reduce(0, +)
    return powers.map { sum == 0 ? 0 : $0 / sum }
  }

  private func factor(_ place: Place, _ key: Int) -> Double {
    kept?[[place.sample, place.head, place.step, key]] ?? 1
  }

  func result(_ result: Int, _ shape: Shape) -> Tensor {
    Tensor(shape) { index in
      let place = Place(sample: index[0], step: index[1], head: index[2])
      if result == 1 {
        let sum = powers(place).reduce(0, +)
        return sum == 0 ? -1e30 : log(sum)
      }
      return weights(place).enumerated().reduce(0) { sum, weight in
        sum + weight.element * factor(place, weight.offset)
          * number(place, weight.offset, index[3], isValue: true)
      }
    }
  }

  /// Adds what each query gives to an operand.
  func gradient(of operand: Int, from given: Int, _ g: Tensor) -> Tensor {
    let size = q.shape[3]
    var sums = Tensor(x[operand].shape, repeating: 0)
    func add(_ number: Double, to index: [Int]) {
      sums.elements[zip(index, sums.shape.extents).reduce(0) { $0 * $1.1 + $1.0 }] += number
    }
    for index in indices(of: Shape(Array(q.shape.extents.dropLast()))) {
      let place = Place(sample: index[0], step: index[1], head: index[2])
      let weights = weights(place)
      let byWeights = (0..<keys).map { key in
        given == 1
          ? g[index]
          : factor(place, key)
            * (0..<size).reduce(0) { $0 + g[index + [$1]] * number(place, key, $1, isValue: true) }
      }
      let mean = given == 1 ? 0 : zip(weights, byWeights).reduce(0) { $0 + $1.0 * $1.1 }
      for key in 0..<keys {
        let byScore = attention.scale * weights[key] * (byWeights[key] - mean)
        for i in 0..<size {
          let (k, v) = (
            element(place, key, i, isValue: false), element(place, key, i, isValue: true)
          )
          if operand == 0 { add(byScore * x[k.operand][k.index], to: index + [i]) }
          if operand == k.operand { add(byScore * query(place, i), to: k.index) }
          if operand == v.operand, given == 0 {
            add(weights[key] * factor(place, key) * g[index + [i]], to: v.index)
          }
        }
      }
    }
    return sums
  }
}

extension Violation {
  static var ofAttention: [Violation] {
    func attention(
      _ attention: Composite.Attention, _ operands: TensorType..., reason: String = "takes"
    ) -> Violation {
      Violation(.composite(.attention(attention)), operands, reason)
    }
    let plain = Composite.Attention(scale: 1)
    let causal = Composite.Attention(scale: 1, isCausal: true)
    let counting = Composite.Attention(scale: 1, hasCounts: true)
    let continuing = Composite.Attention(scale: 1, hasCounts: true, continues: true)
    let (q, k, own) = (float(2, 3, 4, 2), float(2, 5, 2, 2), float(2, 1, 4, 2))
    return [
      attention(plain, float(2, 3, 8), k, k),
      attention(plain, q, float(2, 5, 4), float(2, 5, 4)),
      attention(plain, q, k, float(2, 4, 2, 2)),
      attention(plain, q, float(1, 5, 2, 2), float(1, 5, 2, 2)),
      attention(plain, q, float(2, 5, 2, 3), float(2, 5, 2, 3)),
      attention(plain, q, float(2, 5, 3, 2), float(2, 5, 3, 2)),
      attention(plain, q, half(2, 5, 2, 2), k, reason: "equal types"),
      attention(plain, q, k, k, int(2), reason: "3 operands"),
      attention(causal, q, k, k, reason: "is causal"),
      attention(counting, q, k, k, int(3)),
      attention(counting, q, k, k, float(2), reason: "takes int32"),
      attention(continuing, q, k, k, k, k, int(2)),
      attention(continuing, own, own, own, float(2, 5, 4, 2), float(2, 6, 4, 2), int(2)),
      attention(continuing, own, own, own, float(2, 5, 2, 2), float(2, 5, 2, 2), int(2)),
      attention(
        .init(scale: 1, continues: true), own, own, own, float(2, 5, 4, 2), float(2, 5, 4, 2)),
    ]
  }
}
