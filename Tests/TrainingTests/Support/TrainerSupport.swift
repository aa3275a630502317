import Checkpoints
import Communication
import Datasets
import Execution
import Graphs
import Reports
import TestSupport
import Training

/// Runs a body with a trainer in a group of one, and stops the trainer's threads.
func withTrainer<Result>(
  _ experiment: Experiment, workers: Int = 2, _ body: (Trainer) throws -> Result
) throws -> Result {
  let trainer = try Trainer(experiment, communicator: .start(), workers: workers)
  defer { trainer.pool.stop() }
  return try body(trainer)
}

extension ModelState {
  /// The weights by parameter.
  var tensors: [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for tensor in parameters {
      tensors[tensor.name] = Tensor(
        [tensor.count], tensor.range.map { unsafe Double(weights[$0]) })
    }
    return tensors
  }

  /// Replaces the weights.
  func weights(from tensors: [String: Tensor]) {
    unsafe changeWeights { weights in
      for parameter in parameters {
        guard let tensor = tensors[parameter.name] else { continue }
        for (i, element) in zip(parameter.range, tensor.elements) {
          unsafe weights[i] = Float(element)
        }
      }
    }
  }
}

/// All that training changes, bit by bit.
struct StateBits: Equatable, CustomStringConvertible {
  let step: Int
  let weights: [UInt32]
  let moments: [[UInt32]]

  init(_ state: ModelState) {
    step = state.step
    weights = (0..<state.count).map { unsafe state.weights[$0].bitPattern }
    moments = unsafe state.networks.flatMap(unsafe \.moments).map { _, values in
      unsafe values.map(\.bitPattern)
    }
  }

  /// Short, so that a test that fails can be read.
  var description: String {
    let numbers = (moments + [weights]).joined()
    let mix = numbers.reduce(UInt32(step)) { ($0 ^ $1) &* 0x0100_0193 }
    return "state \(String(mix, radix: 16)) of \(weights.count) weights after step \(step)"
  }
}

extension Trainer {
  /// Trains up to a step of the run.
  func train(to end: Int) throws {
    var sampler = experiment.sampler
    while state.step < end { _ = try step(sampler.batch(atStep: state.step)) }
  }
}

extension Trainer {
  /// Writes a checkpoint of the state as it is.
  func save(_ history: RunHistory, in directory: String) throws {
    try usingHDF5 {
      let saver = try CheckpointSaver(
        experiment, state, computing: fingerprint, communicator: .start(),
        in: CheckpointDirectory(directory))
      try saver.save(history, training: history.totals, validation: nil)
      try saver.finish()
    }
  }

  /// That of a run which has got everything wrong so far.
  var unluckyHistory: RunHistory {
    var history = RunHistory(of: experiment)
    history.totals.samples = experiment.batches.place(ofStep: state.step).position
    return history
  }
}

extension Sampler {
  /// The batch of the first step.
  var first: Batch {
    var sampler = self
    return sampler.batch(atStep: 0)
  }
}

extension Dataset {
  /// Some of the samples of a table, and their targets.
  func rows(_ samples: ArraySlice<Int32>) -> (samples: Tensor, targets: Tensor) {
    guard case .floats(let numbers) = elements, case .values(let values, _) = targets
    else { preconditionFailure("no table") }
    func some(_ numbers: [Float], _ width: Int) -> Tensor {
      Tensor(
        [samples.count, width],
        samples.flatMap { numbers[Int($0) * width..<(Int($0) + 1) * width].map(Double.init) })
    }
    return (some(numbers, sampleSize), some(values, targets.perSample))
  }
}
