import Processes
import Synchronization
import Testing

@Suite struct JoinableThreadTests {
  private final class Counter: Sendable {
    let rounds = Atomic<Int>(0)
    var value: Int { rounds.load(ordering: .relaxed) }
  }

  @Test func aThreadIsStoppedAndJoined() throws {
    let pause = Pause()
    let counter = Counter()
    let thread = try JoinableThread("a thread", stop: { pause.end() }) {
      while pause.wait(milliseconds: 1) { counter.rounds.add(1, ordering: .relaxed) }
    }
    while counter.value < 3 {}
    pause.end()
    thread.join()
    let last = counter.value
    #expect(!pause.wait(milliseconds: 10_000), "an ended pause waits no more")
    // A second time there is nothing to wait for.
    thread.join()
    #expect(counter.value == last)
  }
}
