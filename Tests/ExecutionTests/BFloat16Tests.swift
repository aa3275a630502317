import Diagnostics
import Execution
import Graphs
import TestSupport
import Testing

/// Programs with bfloat16, of which kernels convert, compare, choose and move numbers.
@Suite struct BFloat16Tests {
  /// A number through bfloat16 and back is rounded, and so are its gradients of any order.
  ///
  /// All products are exact in float32, so all bits are known.
  @Test(arguments: Engine.allCases)
  func conversionIsDifferentiated(on engine: Engine) throws {
    var generator = XorShift(seed: 31)
    // Each second one of the first numbers is a tie.
    let ties = (0..<64).map { 1 + Double($0) / 256 }
    let numbers = ties + (0..<193).map { _ in generator.number(in: -4...4) }
    func sixteenths() -> [Double] {
      numbers.map { _ in Double(generator.integer(in: -32...32)) / 16 }
    }
    let (weights, directions) = (sixteenths(), sixteenths())

    let shape: Shape = [numbers.count]
    var builder = Builder()
    let x = builder.parameter("x", shape)
    let half = builder.emit(.convert(.bfloat16), x)
    let y = builder.emit(.convert(.float32), half)
    let (w, d) = (
      builder.input("w", TensorType(.float32, shape)),
      builder.input("d", TensorType(.float32, shape))
    )
    let loss = builder.total(builder.multiply(w, builder.multiply(y, y)))
    let gradient = builder.gradients(of: loss, by: [x])[0]
    let along = builder.total(builder.multiply(d, gradient))
    let second = builder.gradients(of: along, by: [x])[0]
    let program = builder.program(
      outputs: [
        Output("half", half), Output("y", y), Output("gradient/x", gradient),
        Output("second", second),
      ])
    #expect(builder.type(of: half) == TensorType(.bfloat16, shape))
    #expect(builder.type(of: gradient) == TensorType(.float32, shape))

    let rounded = numbers.map(nearestBFloat16)
    let expected = [
      "half": rounded, "y": rounded,
      "gradient/x": zip(weights, rounded).map { nearestBFloat16(2 * $0 * $1) },
      "second": zip(weights, directions).map { nearestBFloat16(2 * $0 * nearestBFloat16($1)) },
    ]
    let actual = try outputs(
      of: program, on: engine,
      inputs: ["w": Tensor(shape, weights), "d": Tensor(shape, directions)],
      parameters: ["x": Tensor(shape, numbers)])
    for (name, elements) in expected { #expect(actual[name]?.elements == elements, "\(name)") }
    #expect(rounded != numbers && expected["gradient/x"] != rounded)
  }

  /// What is converted and converted back is fused with what stands around it, or reordered.
  @Test(arguments: Engine.allCases)
  func halvesAreMovedAndChosen(on engine: Engine) throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [2, 3]))
    let half = builder.emit(.convert(.bfloat16), builder.multiply(x, by: 3))
    let turned = builder.emit(.permute([1, 0]), half)
    let limit = builder.constant(0.5, TensorType(.bfloat16, [3, 2]))
    let mask = builder.emit(.compare(.less), limit, turned)
    let row = builder.broadcast(
      builder.emit(.slice([.init(start: 0, count: 1), .init(start: 0, count: 2)]), turned), [3, 2])
    let chosen = builder.emit(.select, mask, turned, row)
    let y = builder.emit(.convert(.float32), chosen)
    let program = builder.program(outputs: [Output("y", y), Output("chosen", chosen)])
    let numbers = [0.1, 0.2, -0.3, 1, -2, 7].map { Double(Float($0)) }
    let h = numbers.map { nearestBFloat16(3 * $0) }
    let turnedNumbers = [h[0], h[3], h[1], h[4], h[2], h[5]]
    let expected = turnedNumbers.indices.map { place in
      turnedNumbers[place] > 0.5 ? turnedNumbers[place] : turnedNumbers[place % 2]
    }
    let actual = try outputs(of: program, on: engine, inputs: ["x": Tensor([2, 3], numbers)])
    #expect(actual["y"]?.elements == expected && actual["chosen"]?.elements == expected)
  }

  @Test(arguments: Engine.allCases)
  func whatNoEngineHoldsIsRefused(engine: Engine) throws {
    let type = TensorType(.bfloat16, [2])
    let parameter = Program(
      [Instruction(.parameter("x"), [], [type])], outputs: [Output("y", Value(0))])
    let input = Instruction(.input("x"), [], [type])
    let gradient = Program([input], outputs: [Output("gradient/x", Value(0))])
    let sum = Program(
      [input, Instruction(.binary(.add), [Value(0), Value(0)], [type])],
      outputs: [Output("y", Value(1))])
    let x = ["x": Tensor([2], [1, 2])]
    let parameters = try Parameters(x)
    func message(_ program: Program) -> String? {
      do throws(Failure) {
        _ = try engine.prepare(program, parameters: parameters.vector)
        return nil
      } catch {
        return error.message
      }
    }
    #expect(message(parameter)?.contains("parameters are float32") == true)
    #expect(message(gradient)?.contains("the gradient of a parameter is float32") == true)
    let refused = message(sum)
    if engine == .reference {
      #expect(refused == nil)
    } else {
      #expect(
        refused == "the program has %1: bfloat16[2] = add: no kernel computes with bfloat16: "
          + "convert to float32, and back")
    }
  }
}
