import Graphs
import Testing

import Networks

@Suite struct ProgramTests {
  @Test func inputsAndOutputsAreNamedAndTyped() throws {
    let training = try network(conv).trainingProgram(samples: 8)
    #expect(training.inputs.map(\.name).sorted() == ["labels", "samples", "scale"])
    #expect(type(of: "samples", in: training) == TensorType(.float32, [8, 28, 28, 1]))
    #expect(type(of: "labels", in: training) == TensorType(.int32, [8]))
    #expect(type(of: "scale", in: training) == TensorType(.float32, [1]))
    #expect(training.outputs.map(\.name).prefix(2) == ["losses", "predictions"])
    #expect(training.output("losses").map(training.type(of:)) == TensorType(.float32, [8]))
    #expect(
      training.output("predictions").map(training.type(of:)) == TensorType(.float32, [8, 10]))

    let evaluation = try network(conv).evaluationProgram(samples: 8)
    #expect(evaluation.inputs.map(\.name).sorted() == ["labels", "samples"])
    #expect(evaluation.outputs.map(\.name) == ["losses", "predictions"])
  }

  @Test func everyParameterHasAGradientOfItsShape() throws {
    let network = try network(conv)
    let program = try network.trainingProgram(samples: 8)
    #expect(
      program.outputs.dropFirst(2).map(\.name) == network.parameters.map { "gradient/\($0.name)" })
    for parameter in network.parameters {
      let gradient = try #require(program.output("gradient/\(parameter.name)"))
      #expect(program.type(of: gradient) == TensorType(.float32, parameter.shape))
    }
  }

  @Test func targetsAreRealNumbers() throws {
    let program = try network(["dense: 3"], loss: "mse", sample: [4], targets: .values(3))
      .trainingProgram(samples: 5)
    #expect(type(of: "targets", in: program) == TensorType(.float32, [5, 3]))
    #expect(program.inputs.map(\.name).sorted() == ["samples", "scale", "targets"])
  }

  @Test func nothingIsDifferentiatedByTheSamples() throws {
    let program = try network(conv).trainingProgram(samples: 4)
    let inputGradients = program.instructions.filter {
      if case .convolutionInputGradient = $0.operation { true } else { false }
    }
    // That of the second convolution alone, by its own input of 14 x 14 x 16.
    #expect(inputGradients.map(\.type.shape) == [[4, 14, 14, 16]])
    let dense = try network(["dense: 8", "dense: 10"], sample: [6]).trainingProgram(samples: 4)
    #expect(
      !dense.instructions.contains { instruction in
        if case .matrixProduct = instruction.operation {
          instruction.type.shape == [4, 6]
        } else {
          false
        }
      })
  }

  @Test func dropoutIsActiveInTrainingOnlyWithAStreamForEachLayer() throws {
    let dropped = try network(
      ["dropout: 0.2", "conv: 4", "dropout: 0.2", "flatten", "dropout: 0", "dense: 10"])
    let streams = try dropped.trainingProgram(samples: 2).instructions.compactMap { instruction in
      if case .random(let stream) = instruction.operation {
        (stream, instruction.type.shape)
      } else {
        nil
      }
    }
    #expect(streams.map(\.0) == [0, 1])
    #expect(streams.map(\.1) == [[2, 28, 28, 1], [2, 28, 28, 4]])
    let without = try network(["conv: 4", "flatten", "dense: 10"]).evaluationProgram(samples: 2)
    #expect(try dropped.evaluationProgram(samples: 2) == without)
  }

  @Test func aFinalSoftmaxGivesItsLogitsToTheLoss() throws {
    let program = try network(["flatten", "dense: 10", "softmax"]).evaluationProgram(samples: 2)
    let losses = try #require(program.output("losses"))
    let predictions = try #require(program.output("predictions"))
    #expect(program[losses].operation == .composite(.softmaxCrossEntropy))
    #expect(program[predictions].operation == .composite(.softmax))
    #expect(program[losses].operands[0] == program[predictions].operands[0])
  }

  private func type(of input: String, in program: Program) -> TensorType? {
    program.inputs.first { $0.name == input }?.type
  }
}
