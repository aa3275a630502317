import Graphs
import TestSupport

/// An operation on types that it must refuse, for the reason given.
struct Violation: CustomStringConvertible {
  let operation: Operation
  let operands: [TensorType]
  let reason: String
  var leaf = TensorType(.float32, [])

  init(
    _ operation: Operation, _ operands: [TensorType], _ reason: String,
    leaf: TensorType = TensorType(.float32, [])
  ) {
    self.operation = operation
    self.operands = operands
    self.reason = reason
    self.leaf = leaf
  }

  var description: String { "\(operation) of \(operands): \(reason)" }
}

func float(_ extents: Int...) -> TensorType { TensorType(.float32, Shape(extents)) }
func int(_ extents: Int...) -> TensorType { TensorType(.int32, Shape(extents)) }
func half(_ extents: Int...) -> TensorType { TensorType(.bfloat16, Shape(extents)) }
func byte(_ extents: Int...) -> TensorType { TensorType(.uint8, Shape(extents)) }

private func sliding(_ axis: SlidingAxis, groups: Int = 1) -> Convolution {
  Convolution(vertical: axis, horizontal: axis, groups: groups)
}

private func window(_ axis: SlidingAxis) -> Window {
  Window(vertical: axis, horizontal: axis)
}

extension OperationKind {
  /// Each rule of the type-checker, broken once.
  var violations: [Violation] {
    let two = SlidingAxis(kernel: 2)
    switch self {
    case .input: return [Violation(.input("x"), [], "empty", leaf: float(2, 0))]
    case .parameter: return [Violation(.parameter("x"), [], "floats", leaf: int(2))]
    case .constant:
      return [
        Violation(.constant(1.5), [], "no int32", leaf: int(2)),
        Violation(.constant(0x1p31), [], "no int32", leaf: int(2)),
        Violation(.constant(.nan), [], "no int32", leaf: int(2)),
        Violation(.constant(-1), [], "no uint8", leaf: byte(2)),
        Violation(.constant(0x1.01p0), [], "no bfloat16", leaf: half(2)),
        Violation(.constant(1), [float()], "0 operands"),
      ]
    case .random:
      return [byte(2), half(2)].map { Violation(.random(stream: 0), [], "float32", leaf: $0) }
    case .unary:
      return [
        Violation(.unary(.exp), [int(2)], "takes floats"),
        Violation(.unary(.exp), [float(2), float(2)], "1 operands"),
      ]
    case .binary:
      return [
        Violation(.binary(.add), [float(2), float(3)], "equal types"),
        Violation(.binary(.add), [float(2), float(1)], "equal types"),
        Violation(.binary(.add), [byte(2), byte(2)], "floats or int32"),
        Violation(.binary(.add), [float(2), half(2)], "equal types"),
        Violation(.binary(.divide), [int(2), int(2)], "takes floats"),
      ]
    case .compare:
      return [
        Violation(.compare(.less), [float(2), int(2)], "equal types"),
        Violation(.compare(.less), [half(2), float(2)], "equal types"),
        Violation(.compare(.less), [int(2), int(3)], "equal types"),
      ]
    case .select:
      return [
        Violation(.select, [byte(2), float(2), int(2)], "equal types"),
        Violation(.select, [int(2), float(2), float(2)], "takes uint8"),
        Violation(.select, [byte(3), float(2), float(2)], "mask"),
      ]
    case .convert: return [Violation(.convert(.int32), [], "1 operands")]
    case .reduce:
      return [
        Violation(.reduce(.sum, axes: [2]), [float(2, 3)], "axes"),
        Violation(.reduce(.sum, axes: [-1]), [float(2, 3)], "axes"),
        Violation(.reduce(.sum, axes: [1, 0]), [float(2, 3)], "axes"),
        Violation(.reduce(.sum, axes: [1, 1]), [float(2, 3)], "axes"),
        Violation(.reduce(.sum, axes: [0]), [int(2, 3)], "takes floats"),
      ]
    case .reshape:
      return [
        Violation(.reshape([5]), [float(2, 3)], "turns"),
        Violation(.reshape([-2, -3]), [float(2, 3)], "empty"),
      ]
    case .permute:
      return [
        Violation(.permute([0]), [float(2, 3)], "order"),
        Violation(.permute([0, 0]), [float(2, 3)], "order"),
      ]
    case .broadcast:
      return [
        Violation(.broadcast([4, 3]), [float(2, 3)], "turns"),
        Violation(.broadcast([2, 2, 3]), [float(2, 3)], "turns"),
        Violation(.broadcast([-1]), [float(1)], "empty"),
      ]
    case .slice:
      return [
        Violation(.slice([]), [float(4)], "per axis"),
        Violation(.slice([AxisRange(start: 2, count: 3)]), [float(4)], "leaves"),
        Violation(.slice([AxisRange(start: 0, count: 3, stride: 2)]), [float(4)], "leaves"),
        Violation(.slice([AxisRange(start: -1, count: 2)]), [float(4)], "leaves"),
        Violation(.slice([AxisRange(start: 0, count: 0)]), [float(4)], "leaves"),
        Violation(.slice([AxisRange(start: 0, count: 2, stride: 0)]), [float(4)], "leaves"),
      ]
    case .pad:
      return [
        Violation(.pad([]), [float(4)], "per axis"),
        Violation(.pad([Padding(low: -1)]), [float(4)], "negative"),
        Violation(.pad([Padding(high: -1)]), [float(4)], "negative"),
        Violation(.pad([Padding(interior: -1)]), [float(4)], "negative"),
      ]
    case .concatenate:
      return [
        Violation(.concatenate(axis: 0), [], "at least one"),
        Violation(.concatenate(axis: 1), [float(2, 3), float(3, 3)], "joins"),
        Violation(.concatenate(axis: 2), [float(2, 3)], "joins"),
        Violation(.concatenate(axis: 0), [float(2), int(2)], "equal types"),
        Violation(.concatenate(axis: 0), [float(2), float(2, 1)], "joins"),
      ]
    case .reverse:
      return [
        Violation(.reverse(axes: [1]), [float(2)], "axes"),
        Violation(.reverse(axes: [0, 0]), [float(2)], "axes"),
      ]
    case .gather:
      return [
        Violation(.gather, [float(2, 3), float(2)], "takes int32"),
        Violation(.gather, [float(2, 3), int(2, 1)], "indices"),
        Violation(.gather, [float(), int(2)], "table"),
      ]
    case .scatterAdd:
      return [
        Violation(.scatterAdd(rows: 4), [int(3), float(2, 3)], "updates"),
        Violation(.scatterAdd(rows: 4), [float(2), float(2, 3)], "takes int32"),
        Violation(.scatterAdd(rows: 4), [int(2), int(2, 3)], "takes floats"),
        Violation(.scatterAdd(rows: 0), [int(2), float(2, 3)], "empty"),
      ]
    case .oneHot:
      return [
        Violation(.oneHot(classes: 3), [float(2)], "takes int32"),
        Violation(.oneHot(classes: 0), [int(2)], "empty"),
      ]
    case .matrixProduct:
      let product = Operation.matrixProduct(transposeLeft: false, transposeRight: false)
      return [
        Violation(product, [float(2, 3), float(4, 2)], "takes"),
        Violation(product, [float(3), float(3, 2)], "takes"),
        Violation(product, [float(2, 2, 3), float(3, 3, 2)], "takes"),
        Violation(product, [int(2, 3), int(3, 2)], "takes floats"),
        Violation(product, [half(2, 3), float(3, 2)], "equal types"),
        Violation(
          .matrixProduct(transposeLeft: true, transposeRight: false), [float(2, 3), float(3, 2)],
          "takes"),
      ]
    case .convolution:
      let (x, w) = (float(1, 4, 4, 2), float(2, 2, 2, 2))
      return [
        Violation(.convolution(sliding(two)), [float(4, 4, 2), w], "takes"),
        Violation(.convolution(sliding(two)), [byte(1, 4, 4, 2), w], "takes"),
        Violation(.convolution(sliding(two)), [float(1, 4, 4, 3), w], "filter"),
        Violation(.convolution(sliding(two)), [x, float(2, 2, 3, 2)], "filter"),
        Violation(.convolution(sliding(two, groups: 2)), [x, w], "filter"),
        Violation(.convolution(sliding(two, groups: 0)), [x, w], "filter"),
        Violation(.convolution(sliding(two)), [float(1, 1, 4, 2), w], "fit"),
        Violation(.convolution(sliding(SlidingAxis(kernel: 2, stride: 0))), [x, w], "stride 0"),
        Violation(.convolution(sliding(SlidingAxis(kernel: 2, dilation: 0))), [x, w], "dilation"),
        Violation(.convolution(sliding(SlidingAxis(kernel: 2, low: -1))), [x, w], "padding"),
        Violation(
          .convolution(sliding(SlidingAxis(kernel: 0))), [x, float(2, 2, 0, 0)], "kernel 0"),
      ]
    case .convolutionInputGradient:
      let (y, w) = (float(1, 3, 3, 2), float(2, 2, 2, 2))
      return [
        Violation(
          .convolutionInputGradient(sliding(two), height: 5, width: 4), [y, w], "gradient"),
        Violation(
          .convolutionInputGradient(sliding(two), height: 4, width: 4), [float(1, 3, 3, 1), w],
          "gradient"),
        Violation(
          .convolutionInputGradient(sliding(two), height: 4, width: 4), [int(1, 3, 3, 2), w],
          "takes"),
      ]
    case .convolutionFilterGradient:
      let (x, y) = (float(1, 4, 4, 2), float(1, 3, 3, 2))
      return [
        Violation(.convolutionFilterGradient(sliding(two)), [x, float(1, 4, 4, 2)], "gradient"),
        Violation(.convolutionFilterGradient(sliding(two)), [x, float(3, 3, 2)], "takes"),
        Violation(.convolutionFilterGradient(sliding(two, groups: 0)), [x, y], "groups"),
        Violation(
          .convolutionFilterGradient(sliding(two, groups: 2)), [x, float(1, 3, 3, 3)], "filter"),
      ]
    case .maxPool:
      return [
        Violation(.maxPool(window(two)), [float(4, 4, 1)], "four axes"),
        Violation(.maxPool(window(two)), [int(1, 4, 4, 1)], "takes floats"),
        Violation(.maxPool(window(two)), [float(1, 1, 4, 1)], "fit"),
        Violation(
          .maxPool(window(SlidingAxis(kernel: 2, low: 2))), [float(1, 4, 4, 1)],
          "nothing but padding"),
        Violation(
          .maxPool(window(SlidingAxis(kernel: 2, dilation: 3, low: 1, high: 2))),
          [float(1, 1, 1, 1)], "nothing but padding"),
      ]
    case .poolGather:
      return [
        Violation(.poolGather(window(two)), [int(1, 3, 3, 1), float(1, 4, 4, 1)], "takes uint8"),
        Violation(.poolGather(window(two)), [byte(1, 4, 4, 1), float(1, 4, 4, 1)], "argmax"),
        Violation(.poolGather(window(two)), [byte(1, 3, 3, 1), int(1, 4, 4, 1)], "takes floats"),
      ]
    case .poolScatter:
      let scatter = Operation.poolScatter(window(two), height: 4, width: 4)
      return [
        Violation(scatter, [byte(1, 3, 3, 1), float(1, 3, 3, 2)], "argmax"),
        Violation(scatter, [int(1, 3, 3, 1), float(1, 3, 3, 1)], "takes uint8"),
        Violation(scatter, [byte(3, 3, 1), float(3, 3, 1)], "argmax"),
        Violation(scatter, [byte(1, 2, 3, 1), float(1, 2, 3, 1)], "takes"),
      ]
    case .poolSum:
      return [
        Violation(.poolSum(window(two)), [float(4, 4, 1)], "four axes"),
        Violation(.poolSum(window(two)), [int(1, 4, 4, 1)], "takes floats"),
        Violation(.poolSum(window(two)), [float(1, 1, 4, 1)], "fit"),
      ]
    case .poolSpread:
      let spread = Operation.poolSpread(window(two), height: 4, width: 4)
      return [
        Violation(spread, [float(3, 3, 1)], "takes"),
        Violation(spread, [int(1, 3, 3, 1)], "takes"),
        Violation(spread, [float(1, 2, 3, 1)], "takes"),
      ]
    case .scan: return Violation.scans
    case .composite: return CompositeKind.allCases.flatMap(\.violations)
    case .compositeGradient:
      let given = [float(2, 3), int(2), float(2), float(2, 3)]
      func gradient(_ results: [Int]) -> Operation {
        .composite(.gradient(of: .softmaxCrossEntropy, from: results))
      }
      return [
        Violation(gradient([0]), given, "5 operands"),
        Violation(gradient([0]), given + [float(3)], "operands, results and gradients"),
        Violation(gradient([1]), given + [float(2)], "operands, results and gradients"),
        Violation(
          gradient([0]), [float(2, 3), int(2), float(3), float(2, 3), float(2)],
          "operands, results and gradients"),
        Violation(gradient([2]), given + [float(2)], "no gradients of results [2]"),
        Violation(
          gradient([1, 0]), given + [float(2, 3), float(2)], "no gradients of results [1, 0]"),
        Violation(
          gradient([0, 0]), given + [float(2), float(2)], "no gradients of results [0, 0]"),
        Violation(gradient([]), given, "no gradients of results []"),
      ]
    }
  }
}
