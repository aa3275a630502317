import Testing
import Training

@Suite struct TrainingScheduleTests {
  private func schedule(_ text: String) throws -> TrainingSchedule {
    try Sample(train: text).configuration().schedule
  }

  @Test(arguments: [
    ("{}", 10, 10), ("{epochs: 3}", 10, 30), ("{steps: 7}", 10, 7), ("{steps: 1}", 1000, 1),
    ("{epochs: 1000000}", .max / 1000, .max), ("{steps: 1000000000000}", 1, 1_000_000_000_000),
  ])
  func lengthIsInStepsOrEpochs(_ text: String, _ perEpoch: Int, _ steps: Int) throws {
    #expect(try schedule(text).steps(perEpoch: perEpoch) == steps)
  }

  @Test(arguments: [
    ("{}", 3, [4, 8, 12]), ("{checkpoint: 2 epochs}", 3, [8]),
    ("{checkpoint: 5 steps}", 3, [5, 10]),
    ("{checkpoint: {every: 1 step, keep: 7}}", 7, Array(1...12)),
    ("{checkpoint: {every: 1000000000 epochs}}", 3, []),
  ])
  func checkpointsAreDue(_ text: String, _ keep: Int, _ steps: [Int]) throws {
    let schedule = try schedule(text)
    #expect(schedule.keep == keep)
    #expect((1...12).filter { schedule.savesCheckpoint(after: $0, perEpoch: 4) } == steps)
  }
}
