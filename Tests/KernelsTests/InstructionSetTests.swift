import Diagnostics
import Testing

import Kernels

@Suite struct InstructionSetTests {
  @Test func whatAProcessorHasItHasInOrder() {
    let levels: [InstructionSet] = [.sse41, .avx2, .avx512]
    let found = levels.map(\.isAvailable)
    #expect(found == found.sorted { $0 && !$1 })
    #expect(InstructionSet.auto.isAvailable)
    #if arch(x86_64)
      // The tests are compiled for it.
      #expect(InstructionSet.sse41.isAvailable)
    #else
      #expect(!found.contains(true))
    #endif
  }

  /// What the tests compute with all instructions can no longer be limited.
  @Test func oneLimitForAProcess() throws {
    try InstructionSet.auto.settle()
    for set in InstructionSet.allCases where set != .auto {
      if set.isAvailable {
        #expect(throws: Failure.self) { try set.settle() }
      } else {
        try set.settle()
      }
    }
    try InstructionSet.auto.settle()
  }

  @Test func processorsHaveNames() {
    #expect(!Processor.name.isEmpty && !Processor.name.contains("\0"))
    #expect(Processor.name.first?.isWhitespace == false)
  }
}
