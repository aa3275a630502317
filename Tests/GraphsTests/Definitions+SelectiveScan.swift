import Glibc
import Graphs
import TestSupport

/// A selective scan and its gradients, one state of one channel of one sample after the other.
struct SelectiveScanDefinition {
  private let u, delta, a, b, c, first: Tensor

  init(_ x: [Tensor]) {
    (u, delta, a, b, c, first) = (x[0], x[1], x[2], x[3], x[4], x[5])
  }

  private var steps: Int { u.shape[1] }
  private static let interval = Composite.SelectiveScan.interval

  /// A number that decays and grows in each step.
  private struct Place {
    let sample, state, channel: Int
  }

  private func decay(_ place: Place, _ t: Int) -> Double {
    exp(delta[[place.sample, t, place.channel]] * a[[place.state, place.channel]])
  }

  /// The number before the first step, and after each.
  private func numbers(_ place: Place) -> [Double] {
    var numbers = [first[[place.sample, place.state, place.channel]]]
    for t in 0..<steps {
      let input =
        delta[[place.sample, t, place.channel]] * u[[place.sample, t, place.channel]]
        * b[[place.sample, t, place.state]]
      numbers.append(decay(place, t) * numbers[t] + input)
    }
    return numbers
  }

  /// Which of these numbers each saved one is.
  private var saved: [Int] { Array(stride(from: 0, to: steps, by: Self.interval)) + [steps] }

  func result(_ result: Int, _ shape: Shape) -> Tensor {
    Tensor(shape) { index in
      if result == 1 {
        return numbers(Place(sample: index[0], state: index[2], channel: index[3]))[
          saved[index[1]]]
      }
      return (0..<a.shape[0]).reduce(0) { sum, state in
        let place = Place(sample: index[0], state: state, channel: index[2])
        return sum + c[[index[0], index[1], state]] * numbers(place)[index[1] + 1]
      }
    }
  }

  /// Adds what each number in each step gives to an operand.
  func gradient(of operand: Int, from given: Int, _ g: Tensor) -> Tensor {
    let x = [u, delta, a, b, c, first]
    var sums = Tensor(x[operand].shape, repeating: 0)
    func add(_ number: Double, to place: Int, _ index: [Int]) {
      guard place == operand else { return }
      sums.elements[zip(index, sums.shape.extents).reduce(0) { $0 * $1.1 + $1.0 }] += number
    }
    for index in indices(of: first.shape) {
      let (sample, state, channel) = (index[0], index[1], index[2])
      let place = Place(sample: sample, state: state, channel: channel)
      let numbers = numbers(place)
      var own = [Double](repeating: 0, count: steps + 1)
      if given == 0 {
        for t in 0..<steps { own[t + 1] = g[[sample, t, channel]] * c[[sample, t, state]] }
      } else {
        for (slot, t) in saved.enumerated() { own[t] += g[[sample, slot, state, channel]] }
      }
      var slope = own[steps]
      for t in (0..<steps).reversed() {
        let (step, row, rate) = ([sample, t, channel], [sample, t, state], [state, channel])
        let kept = decay(place, t) * numbers[t]
        add(slope * delta[step] * b[row], to: 0, step)
        add(slope * (u[step] * b[row] + a[rate] * kept), to: 1, step)
        add(slope * delta[step] * kept, to: 2, rate)
        add(slope * delta[step] * u[step], to: 3, row)
        if given == 0 { add(g[step] * numbers[t + 1], to: 4, row) }
        slope = slope * decay(place, t) + own[t]
      }
      add(slope, to: 5, index)
    }
    return sums
  }
}

extension Violation {
  static var ofSelectiveScan: [Violation] {
    let u = float(2, 3, 4)
    let right = [u, u, float(5, 4), float(2, 3, 5), float(2, 3, 5), float(2, 5, 4)]
    func replacing(
      _ operand: Int, with type: TensorType, reason: String = "takes"
    ) -> Violation {
      var operands = right
      operands[operand] = type
      return Violation(.composite(.selectiveScan), operands, reason)
    }
    return [
      replacing(0, with: float(2, 4)), replacing(1, with: float(2, 3, 3)),
      replacing(2, with: float(5, 3)), replacing(2, with: float(5)),
      replacing(3, with: float(2, 3, 4)), replacing(4, with: float(2, 4, 5)),
      replacing(5, with: float(2, 4, 5)), replacing(0, with: int(2, 3, 4), reason: "takes floats"),
      replacing(1, with: half(2, 3, 4), reason: "equal types"),
      Violation(.composite(.selectiveScan), Array(right.dropLast()), "6 operands"),
    ]
  }
}
