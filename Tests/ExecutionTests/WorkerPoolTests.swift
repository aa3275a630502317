import Execution
import Synchronization
import Testing

/// Limits of time end a test that hangs; they run while it waits for a core, minutes on a busy machine.
@Suite struct WorkerPoolTests {
  @Test(.timeLimit(.minutes(10)), arguments: 1...8)
  func eachWorkerRunsOnceARound(count: Int) throws {
    let pool = try WorkerPool(count: count)
    defer { pool.stop() }
    // Plain memory, one place a worker: what a round wrote must be seen when it is over.
    let runs = UnsafeMutableBufferPointer<Int>.allocate(capacity: count)
    unsafe runs.initialize(repeating: 0)
    defer { unsafe runs.deallocate() }
    for round in 1...500 {
      pool.run { unsafe runs[$0] += 1 }
      unsafe #expect(runs.allSatisfy { $0 == round })
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func workersRunAtTheSameTime() throws {
    let pool = try WorkerPool(count: 3)
    defer { pool.stop() }
    // Each waits for the others: a pool that runs them in turn would never end.
    let arrived = Atomic<Int>(0)
    pool.run { _ in
      arrived.add(1, ordering: .sequentiallyConsistent)
      while arrived.load(ordering: .sequentiallyConsistent) < 3 {}
    }
    #expect(arrived.load(ordering: .sequentiallyConsistent) == 3)
  }

  @Test(.timeLimit(.minutes(10)), arguments: [1, 2, 5])
  func stopsWithAndWithoutWork(count: Int) throws {
    for rounds in 0...20 {
      let pool = try WorkerPool(count: count)
      for _ in 0..<rounds { pool.run { _ in } }
      pool.stop()
      pool.stop()
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func aStoppedPoolIsReleased() throws {
    weak var released: WorkerPool?
    do {
      let pool = try WorkerPool(count: 4)
      pool.run { _ in }
      released = pool
      pool.stop()
    }
    #expect(released == nil)
  }

  @Test(.timeLimit(.minutes(10)))
  func sleepersAreWoken() throws {
    let pool = try WorkerPool(count: 2)
    defer { pool.stop() }
    for _ in 0..<5 {
      // Longer than workers spin before they sleep.
      pool.run { if $0 == 1 { pause() } }
      pause()
      pool.run { if $0 == 0 { pause() } }
    }
  }

  private func pause() {
    let end = ContinuousClock.now + .milliseconds(5)
    while ContinuousClock.now < end {}
  }
}
