import Testing
import TestSupport

import Communication

@Suite struct PlacementTests {
  @Test func `A placement survives its bytes`() {
    let own = Placement.current()
    #expect(!own.host.isEmpty && own.cores.contains { $0 != 0 })
    #expect(own.bytes.count == Placement.byteCount)
    #expect(Placement(bytes: own.bytes[...]) == own)
  }

  @Test func `Ranks share the cores they have in common`() {
    let placements = [
      Placement(host: "a", cores: [0b1111, 0]), Placement(host: "a", cores: [0b0011, 1]),
      Placement(host: "b", cores: [0b1111, 0]),
    ]
    let shares = (0..<3).map { Placement.coreShare(of: $0, in: placements, quota: nil) }
    #expect(shares == [3, 2, 4])
    #expect(Placement.coreShare(of: 0, in: placements, quota: 2) == 1)
  }

  @Test func `A control group's limit is read in cores`() {
    #expect(Placement.quota("200000 100000\n") == 2)
    #expect(Placement.quota("max 100000\n") == nil)
    #expect(Placement.quota("") == nil)
  }
}
