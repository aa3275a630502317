// Writes models where a user's documents are, reads them again, and prints whether they are the
// same.
import Foundation
import Neuron

/// A model through a file, with its size and how many seconds both ways take.
func roundTrip(_ brain: Brain) -> (again: Brain, bytes: Int, out: Double, back: Double)? {
  let start = Date()
  guard let url = brain.exportModelURL() else { return nil }
  let written = Date()
  guard let again = Brain(model: PretrainedModel(url: url), epochs: 1) else { return nil }
  again.compile()
  let bytes = (try? Data(contentsOf: url))?.count ?? 0
  return (again, bytes, written.timeIntervalSince(start), Date().timeIntervalSince(written))
}

let maps = Brain()
maps.addInputs(16)
maps.add(layer: "reshape: [4, 4, 1]")
maps.add(layer: "conv: {filters: 3, kernel: 3, bias: false}")
maps.add(layer: "flatten")
maps.add(LobeModel(nodes: 2, bias: 0.5))
maps.compile()
let input = (0..<16).map { Float($0) / 16 }
let answer = roundTrip(maps)?.again.feed(input: input)
print("maps", maps.exportModel().layers.isEmpty, answer == maps.feed(input: input))

let large = Brain()
large.addInputs(784)
for nodes in [300, 64, 10] { large.add(LobeModel(nodes: nodes, activation: .reLu, bias: 0.1)) }
large.compile()
if let trip = roundTrip(large) {
  print("large", trip.again.weights() == large.weights(), trip.bytes, trip.out, trip.back)
}
