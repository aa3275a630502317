import Configuration

/// A schema in the shape of the real one, with every kind of setting.
enum Samples {
  enum Padding: String, CaseIterable { case same, valid }

  static let conv = Record(
    "conv", main: "filters",
    keys: [
      Key("filters", .integer(in: 1...65536), help: "Channels out."),
      Key("kernel", .integer(in: 1...99), default: 3, help: "Side of the window."),
      Key("padding", .choice(Padding.self), default: "same", help: "What lies beyond the edge."),
      Key("bias", .boolean, default: true, help: "Whether a constant is added."),
    ], help: "Convolution.")
  static let relu = Record("relu", help: "max(x, 0).")
  static let residual = Record(
    "residual", main: "body",
    keys: [Key("body", .list(of: .variant("layer", layers)), help: "Layers around which x goes.")],
    help: "x + body(x).")
  static var layers: [Record] { [conv, relu, residual] }

  static let sgd = Record(
    "sgd", main: "learning_rate",
    keys: [
      Key("learning_rate", .number(in: .above(0, to: 1000)), default: 0.01, help: "Step size."),
      Key("momentum", .number(in: .from(0, below: 1)), default: 0, help: "Memory."),
    ], help: "Gradient descent.")
  static let adam = Record(
    "adam", main: "learning_rate",
    keys: [
      Key("learning_rate", .number(in: .above(0, to: 1000)), default: 0.001, help: "Step size."),
      Key("epsilon", .number(in: .above(0, to: 1)), default: 1e-8, help: "Guard."),
    ], help: "Adam.")

  static let data = Record(
    "data",
    keys: [
      Key("dataset", .text, help: "Name."),
      Key("from", .text, default: .absent, effect: .nothing, help: "Folder."),
      Key("batch", .integer(in: 1...1_000_000), default: 32, help: "Samples a step."),
      Key(
        "validation", .oneOf([.choice(["test", "none"]), .number(in: .above(0, below: 1))]),
        default: "test", help: "What is held out."),
    ], help: "Where samples come from.")
  static let checkpoint = Record(
    "checkpoint",
    keys: [
      Key("every", .timespan([.epochs, .steps]), default: "1 epoch", help: "How often."),
      Key("keep", .integer(in: 1...1000), default: 3, help: "How many."),
    ], help: "Saving.")
  static let train = Record(
    "train",
    keys: [
      Key(
        "epochs", .integer(in: 1...1_000_000), default: .absent, effect: .length, help: "Length."),
      Key(
        "max_time", .timespan([.hours, .seconds]), default: .absent, effect: .length, help: "Stop."),
      Key(
        "metrics", .list(of: .choice(["accuracy", "top5"])), default: "[]", effect: .nothing,
        help: "Reported."),
      Key(
        "checkpoint", .record(checkpoint), default: "{}", effect: .nothing, help: "Saving."),
    ], help: "The loop.")

  static let top = Record(
    "configuration",
    keys: [
      Key("name", .text, default: "run", effect: .nothing, help: "Name of the run."),
      Key("seed", .integer(in: 0...Int.max), default: 1, help: "Seed."),
      Key("data", .record(data), help: "Data."),
      Key("model", .list(of: .variant("layer", layers), count: 1...10_000), help: "Layers."),
      Key("optimizer", .variant("optimizer", [sgd, adam]), default: "adam", help: "Update rule."),
      Key("train", .record(train), default: "{}", help: "Loop."),
    ], help: "A run.")

  static let text = """
    name: conv
    data: {dataset: digits, batch: 64}
    model:
      - conv: 16
      - relu
      - residual: [{conv: {filters: 8, padding: valid}}, relu]
    optimizer: adam
    train:
      epochs: 3
      checkpoint: {every: 500 steps}
    """
}
