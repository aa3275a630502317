import Graphs
import TestSupport
import Testing

@Suite struct ProgramCheckTests {
  @Test(arguments: OperationKind.allCases)
  func everyBrokenRuleIsRefused(kind: OperationKind) {
    #expect(!kind.violations.isEmpty)
    for violation in kind.violations {
      #expect(OperationKind(violation.operation) == kind)
      do {
        _ = try violation.operation.resultTypes(of: violation.operands, leaf: violation.leaf)
        Issue.record("accepted: \(violation)")
      } catch {
        #expect(error.description.contains(violation.reason), "\(violation) gave: \(error)")
      }
    }
  }

  #if DEBUG
    @Test func aDebugBuildEndsWhereAMalformedProgramIsMade() async {
      await #expect(processExitsWith: .failure) {
        let x = Instruction(.input("x"), [], [TensorType(.float32, [2])])
        let y = Instruction(.unary(.exp), [Value(1)], [TensorType(.float32, [2])])
        _ = Program([x, y], outputs: [Output("y", Value(1))])
      }
    }
  #endif

  @Test(.enabled(if: !assertionsRun, "a debug build does not make such programs"))
  func malformedProgramsAreRefused() {
    let x = Instruction(.input("x"), [], [TensorType(.float32, [2])])
    func exp(_ operand: Int, _ shape: Shape = [2]) -> Instruction {
      Instruction(.unary(.exp), [Value(operand)], [TensorType(.float32, shape)])
    }
    let y = Output("y", Value(1))
    let programs: [(Program, String)] = [
      (Program([x, exp(0)], outputs: [y]), "well-formed"),
      (Program([x, exp(1)], outputs: [y]), "%1 uses %1, which does not come before it"),
      (Program([x, exp(-1)], outputs: [y]), "%1 uses %-1, which does not come before it"),
      (
        Program([x, exp(0, [3])], outputs: [y]),
        "%1 = exp: its type is float32[3], the rule says float32[2]"
      ),
      (Program([x], outputs: [y]), "output 'y' is %1, which does not exist"),
      (
        Program([x, Instruction(.input("x"), [], [TensorType(.int32, [2])])], outputs: [y]),
        "two inputs are named 'x'"
      ),
      (
        Program([x, exp(0)], outputs: [y, Output("y", Value(0))]), "two outputs are named 'y'"
      ),
    ]
    for (program, expected) in programs {
      do {
        try program.check()
        #expect(expected == "well-formed")
      } catch { #expect(error.description == expected) }
    }
  }
}

private let assertionsRun: Bool = {
  var run = false
  assert(
    {
      run = true; return true
    }())
  return run
}()
