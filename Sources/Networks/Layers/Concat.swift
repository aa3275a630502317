internal import Configuration
internal import Diagnostics
internal import Graphs

/// Gives its input to several branches and joins what they make of it along the channels.
struct Concat: Layer {
  static let schema = Record(
    "concat", main: "branches",
    keys: [
      Key(
        "branches", .list(of: .layers(count: 0...1000), count: 2...1000),
        help: "Lists of layers; an empty one passes the input on."),
      nameKey,
    ], help: "Joins the channels or features that branches of layers make of the same input.")

  let name: String?
  private let branches: [LayerList]

  init(_ settings: Settings) throws(Failure) {
    name = settings.optionalText("name")
    var branches: [LayerList] = []
    for branch in settings.list("branches") {
      branches.append(try LayerList(branch.list.map(\.section)))
    }
    self.branches = branches
  }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    var parts: [Value] = []
    for (index, branch) in branches.enumerated() {
      let part = try pass.apply(branch, under: "branch\(index + 1)", to: x)
      let (first, shape) = (pass.shape(of: parts.first ?? part), pass.shape(of: part))
      guard shape.extents.dropLast() == first.extents.dropLast() else {
        throw Misfit(
          "branch 1 makes \(first.features), branch \(index + 1) \(shape.features): "
            + "only channels may differ", at: "branches")
      }
      parts.append(part)
    }
    let channels = pass.shape(of: parts[0]).rank - 1
    return pass.builder.emit(.concatenate(axis: channels), parts)
  }
}
