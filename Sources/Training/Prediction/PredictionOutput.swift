package import Diagnostics
package import Reports

/// Where predictions go, block by block in the order of the samples.
package protocol PredictionOutput: AnyObject {
  /// Whether somebody may read what is written.
  var isOpen: Bool { get }

  func write(_ predictions: Predictions) throws(Failure)

  /// Completes the output after the last block.
  func finish() throws(Failure)
}

/// A line of tab-separated columns for each sample.
package final class PredictionLines: PredictionOutput {
  private let console: Console

  package init(_ console: Console) { self.console = console }

  package var isOpen: Bool { console.isOpen }

  package func write(_ predictions: Predictions) {
    console.print(lines: (0..<predictions.count).lazy.map(predictions.fields))
  }

  package func finish() {}
}

/// One JSON object with all predictions, written piece by piece.
package final class PredictionObject: PredictionOutput {
  private let console: Console
  /// All but the predictions and the end; empty when it is written.
  private var beginning: String

  /// `head` are the members before the names of the classes or values.
  package init(_ console: Console, _ head: [(String, JSONValue)], of predictor: Predictor) {
    self.console = console
    let names: (String, JSONValue) =
      switch PredictionMeaning(predictor).kind {
      case .classes(let names, _): ("classes", .array(names.map { .string($0) }))
      case .values(let names, _): ("targets", .array(names.map { .string($0) }))
      }
    beginning = JSONValue.object(head + [names]).description.dropLast() + ", \"predictions\": ["
  }

  package var isOpen: Bool { console.isOpen }

  package func write(_ predictions: Predictions) {
    var text = beginning
    for sample in 0..<predictions.count {
      if sample > 0 || beginning.isEmpty { text += ", " }
      text += predictions.json(of: sample).description
    }
    console.print(part: text)
    beginning = ""
  }

  package func finish() { console.print(part: beginning + "]}\n") }
}
