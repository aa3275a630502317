import Reports
import TestSupport
import Testing

@Suite struct ProgressTests {
  /// A clock that a test sets.
  final class Clock {
    var time = 100.0
  }

  @Test func aPipeGetsALineAnEpoch() throws {
    let (screen, clock) = (try Screen(), Clock())
    let progress = Progress(screen.console, steps: 6, stepsPerEpoch: 2) { clock.time }
    progress.beginEpoch(after: 0)
    for _ in 0..<2 {
      clock.time += 0.8
      progress.advance(loss: 0.5, samples: 988)
    }
    #expect(screen.text() == "")
    clock.time += 0.5
    progress.endEpoch(
      training: Metrics(loss: 0.28412, [(.top(1), 0.9131)]),
      validation: Metrics(loss: 0.1402, [(.top(1), 0.958)]))
    #expect(
      screen.text()
        == "epoch  1/3  loss 0.2841  accuracy 91.3 %"
        + "  validation loss 0.1402 accuracy 95.8 %  1235 samples/s  2.1 s\n")
  }

  /// A step of a second, and one of seven, after which the next would be too late.
  @Test(arguments: [(1.0, 30), (7.0, 28), (0.3, 30)])
  func aPipeGetsALineEveryHalfMinute(_ seconds: Double, _ interval: Double) throws {
    let (screen, clock) = (try Screen(), Clock())
    let progress = Progress(screen.console, steps: 12_000, stepsPerEpoch: 6000) { clock.time }
    progress.beginEpoch(after: 0)
    var (lines, last) = ([] as [Double], clock.time)
    while clock.time < 1100 {
      clock.time += seconds
      progress.advance(loss: 0.5, samples: 64)
      guard case let text = screen.text(), !text.isEmpty else { continue }
      #expect(text.hasPrefix("step ") && text.hasSuffix(" left\n"))
      lines.append(clock.time - last)
      last = clock.time
    }
    #expect(lines.allSatisfy { $0 <= 30.001 && $0 > interval - 0.5 }, "\(lines)")
    #expect(lines.count >= 33)
  }

  /// Lines of epochs count; the time that is left is that of the run.
  @Test func whatALineForALogSays() throws {
    let (screen, clock) = (try Screen(), Clock())
    let progress = Progress(screen.console, steps: 100, stepsPerEpoch: 20) { clock.time }
    for epoch in 0..<2 {
      progress.beginEpoch(after: 20 * epoch)
      for _ in 0..<20 {
        clock.time += 1
        progress.advance(loss: 0.25, samples: 64)
      }
      #expect(screen.text() == "")
      progress.endEpoch(training: Metrics(loss: 0.5))
      #expect(screen.text().hasPrefix("epoch"))
    }
    progress.beginEpoch(after: 40)
    clock.time += 31
    progress.advance(loss: 0.25, samples: 64)
    #expect(screen.text() == "step  41/100  loss 0.2500  2.06 samples/s  1 min 42 s left\n")
  }

  @Test func aLongValidationHasLinesToo() throws {
    let (screen, clock) = (try Screen(), Clock())
    let progress = Progress(screen.console, steps: 100, stepsPerEpoch: 20) { clock.time }
    progress.beginEpoch(after: 0)
    clock.time += 1
    progress.advance(loss: 0.25, samples: 64)
    var lines: [String] = []
    for part in 1...10 {
      clock.time += 10
      progress.advanceValidation(part, of: 10)
      lines += screen.text().split(separator: "\n").map { String($0.suffix(15)) }
    }
    #expect(lines == ["validation 30 %", "validation 60 %", "validation 90 %"])
  }

  /// What takes longer than the interval gets a line when it is done.
  @Test func longStepsHaveALineEach() throws {
    let (screen, clock) = (try Screen(), Clock())
    let progress = Progress(screen.console, steps: 9, stepsPerEpoch: 9) { clock.time }
    progress.beginEpoch(after: 0)
    for step in 1...9 {
      clock.time += 45
      progress.advance(loss: 1, samples: 1)
      #expect(screen.text().hasPrefix("step \(step)/9  loss 1.0000"))
    }
  }

  @Test func epochsAreAligned() throws {
    let (screen, clock) = (try Screen(), Clock())
    let progress = Progress(screen.console, steps: 11, stepsPerEpoch: 1) { clock.time }
    for epoch in 0..<11 {
      progress.beginEpoch(after: epoch)
      progress.advance(loss: 1, samples: 4)
      progress.endEpoch(training: Metrics(loss: 1, [(.gradientPenalty, 2)]))
    }
    let lines = screen.text().split(separator: "\n")
    #expect(lines[0] == "epoch   1/11  loss 1.0000  gradient_penalty 2.0000  0.0 s")
    #expect(lines[10] == "epoch  11/11  loss 1.0000  gradient_penalty 2.0000  0.0 s")
  }

  @Test func aTerminalGetsABar() throws {
    let (screen, clock) = (try Screen(columns: 90, environment: ["NO_COLOR": "1"]), Clock())
    let progress = Progress(screen.console, steps: 300, stepsPerEpoch: 100) { clock.time }
    progress.beginEpoch(after: 100)
    for _ in 0..<50 {
      clock.time += 0.125
      progress.advance(loss: 0.25, samples: 64)
    }
    let last = screen.text().split(separator: "\r").last
    let bar = String(repeating: "━", count: 15) + String(repeating: "─", count: 15)
    #expect(
      last == "epoch 2/3  \(bar)   50/100  loss 0.2500  512 samples/s  19 s left\u{1b}[K")
    progress.endEpoch(training: Metrics(loss: 0.5))
    #expect(screen.text() == "\r\u{1b}[Kepoch  2/3  loss 0.5000  512 samples/s  6.2 s\n")
  }

  @Test func theBarIsColoured() throws {
    let (screen, clock) = (try Screen(columns: 200), Clock())
    let progress = Progress(screen.console, steps: 2, stepsPerEpoch: 2) { clock.time }
    progress.beginEpoch(after: 0)
    clock.time += 1
    progress.advance(loss: 1, samples: 1)
    let half = String(repeating: "━", count: 15)
    #expect(screen.text().contains("\u{1b}[32m\(half)\u{1b}[0m\u{1b}[2m───"))
  }

  @Test func theBarIsDrawnTenTimesASecond() throws {
    let (screen, clock) = (try Screen(columns: 80), Clock())
    let progress = Progress(screen.console, steps: 10_000, stepsPerEpoch: 10_000) { clock.time }
    progress.beginEpoch(after: 0)
    var drawings = 0
    for _ in 0..<4096 {
      clock.time += 1 / 1024
      progress.advance(loss: 1, samples: 1)
      drawings += screen.text().isEmpty ? 0 : 1
    }
    #expect((35...40).contains(drawings))
  }

  @Test(arguments: [1, 2, 10, 40, 50, 60, 70, 80, 200])
  func aLineFitsTheWindow(columns: UInt16) throws {
    let (screen, clock) = (try Screen(columns: columns, environment: ["NO_COLOR": "1"]), Clock())
    let progress = Progress(screen.console, steps: 100, stepsPerEpoch: 99) { clock.time }
    progress.beginEpoch(after: 0)
    for step in 1...100 {
      clock.time += 3600
      progress.advance(loss: 1 / Double(step), samples: 1)
      let line = screen.text()
      #expect(line.hasPrefix("\r") && line.hasSuffix("\u{1b}[K"))
      #expect(line.dropFirst().dropLast(3).count < Int(columns))
    }
  }

  @Test func aShorterLastEpochAndStepsBeyondTheEnd() throws {
    let (screen, clock) = (try Screen(columns: 80, environment: ["NO_COLOR": "1"]), Clock())
    let progress = Progress(screen.console, steps: 5, stepsPerEpoch: 4) { clock.time }
    progress.beginEpoch(after: 4)
    for end in ["1/1  loss nan  1 samples/s  0.0 s left", "left", "left", "left", "left"] {
      clock.time += 1
      progress.advance(loss: .nan, samples: 1)
      #expect(screen.text().hasSuffix(end + "\u{1b}[K"))
    }
  }
}
