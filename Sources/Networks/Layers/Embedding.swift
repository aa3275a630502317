package import Configuration
package import Graphs

/// A learned vector for each of a sample's numbers, which name rows of a table.
///
/// A sample of n numbers becomes a map of 1 x n, the vectors its channels: what reads sequences
/// takes it as one.
package struct Embedding: Layer, Configurable {
  /// Nil where the data know the number.
  package var entries: Int?
  package var size: Int
  package var initialiser: Initialiser
  package var weight: Numbers?
  package var freeze: Frozen?
  package var constraint: WeightConstraint?

  package init(
    entries: Int?, size: Int, initialiser: Initialiser = .normal(deviation: 1)
  ) {
    self.entries = entries
    self.size = size
    self.initialiser = initialiser
  }

  package static let schema = Schema(
    "embedding", Embedding(entries: nil, size: 1),
    [
      Property(
        "entries", \.entries, .integer(in: 1...(1 << 24)),
        help:
          "Rows of the table: its input holds whole numbers from 0 to one less; left out, the tokens"
          + " of a text."),
      Property(
        "size", \.size, .integer(in: 1...(1 << 20)), isRequired: true,
        help: "The length of the vectors."),
      .initialiser(\.initialiser), .weight(\.weight, ranks: 2...2),
      .freeze(\.freeze, [.weight], help: "Whether the weight stays as it is."),
      .constraint(\.constraint),
    ], help: "A learned vector for each number of a sample or a field; before all other layers.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    guard let field = pass.field(of: x) else {
      throw Misfit(
        "takes the numbers of the samples or of a field themselves: put it before all other layers")
    }
    let known =
      field == "samples" ? pass.tokens : pass.fields.first { $0.name == field }?.entries
    guard let entries = entries ?? known else {
      let input = field == "samples" ? "the samples are" : "'\(field)' is"
      throw Misfit("needs 'entries', the rows of its table: \(input) no text")
    }
    let shape = pass.shape(of: x)
    guard shape.rank == 2 else {
      throw Misfit("needs samples that are lists of numbers, found \(shape.features)")
    }
    let (count, length) = (shape[0], shape[1])
    try pass.checkSize(of: [count, 1, length, size])
    pass.takeIndices(of: field, below: entries)
    let table = try pass.parameter(
      "weight", [entries, size], initialiser.distribution(fanIn: size, fanOut: entries),
      given: weight, constraint: constraint)
    let rows = pass.builder.emit(
      .gather, table,
      indices(
        pass.builder.reshape(pass.indices[field] ?? x, [count * length]), below: entries,
        in: &pass.builder))
    return pass.builder.reshape(rows, [count, 1, length, size])
  }

  /// Whole numbers inside the table, whatever comes: data are checked when they are read.
  private func indices(_ x: Value, below entries: Int, in builder: inout Builder) -> Value {
    let shape = builder.shape(of: x)
    let last = builder.constant(Double(entries - 1), shape)
    let excess = builder.positivePart(of: builder.subtract(builder.positivePart(of: x), last))
    return builder.emit(
      .convert(.int32), builder.subtract(builder.positivePart(of: x), excess))
  }
}
