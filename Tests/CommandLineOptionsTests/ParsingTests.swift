import CommandLineOptions
import Diagnostics
import Testing

@Suite struct ParsingTests {
  @Test func train() throws {
    let arguments = try run(
      .train,
      "train a.yaml --set seed=2 --set=name=x=y --run out --resume=c.h5 --workers 3")
    #expect(arguments.operand == "a.yaml")
    #expect(arguments.overrides == ["seed=2", "name=x=y"])
    #expect(arguments.runDirectory == "out")
    #expect(arguments.resumption == .checkpoint("c.h5"))
    #expect(arguments.workers == 3)
    #expect(!arguments.startsAfresh)
  }

  @Test(arguments: [
    ("train a.yaml", Command.train), ("evaluate runs/a", .evaluate), ("summary a.yaml", .summary),
    ("gradcheck a.yaml", .gradcheck), ("bench a.yaml", .bench),
  ])
  func optionsHaveDefaults(line: String, command: Command) throws {
    let arguments = try run(command, line)
    #expect(arguments.overrides.isEmpty && arguments.runDirectory == nil)
    #expect(arguments.resumption == nil && !arguments.startsAfresh)
    #expect(arguments.workers == nil && arguments.steps == nil)
    #expect(!arguments.checksEveryElement && !arguments.printsJSON)
  }

  @Test func flags() throws {
    #expect(try run(.train, "train --fresh a.yaml").startsAfresh)
    #expect(try run(.gradcheck, "gradcheck --all a.yaml --json").checksEveryElement)
    #expect(try run(.bench, "bench a.yaml --steps=20 --json").printsJSON)
    #expect(try run(.bench, "bench a.yaml --steps=20 --json").steps == 20)
  }

  @Test func anEngineIsASetting() throws {
    let arguments = try run(.bench, "bench a.yaml --set seed=2 --engine reference --trace t.json")
    #expect(arguments.overrides == ["seed=2", "engine=reference"])
    #expect(arguments.trace == "t.json")
  }

  @Test func resumeTakesNoSeparateValue() throws {
    let arguments = try run(.train, "train --resume a.yaml")
    #expect(arguments.resumption == .newestCheckpoint)
    #expect(arguments.operand == "a.yaml")
  }

  @Test func twoDashesEndTheOptions() throws {
    #expect(try run(.train, "train --fresh -- --help").operand == "--help")
    #expect(try run(.train, "train -").operand == "-")
  }

  @Test func anOperandMayBeRepeated() throws {
    let arguments = try run(.plan, "plan --fit a b --json c -- --d")
    #expect(arguments.operands == ["a", "b", "c", "--d"])
    #expect(arguments.fitsRuns && arguments.printsJSON)
    #expect(try run(.plan, "plan --flops 1e19").operands.isEmpty)
    #expect(try run(.plan, "plan --flops 1e19").flops == 1e19)
    #expect(message("diff a b c") == "unexpected argument 'c' for diff")
  }

  @Test func curvesAndPictures() throws {
    let plot = try run(.plot, "plot a b --metric loss --metric=f1 --split step --log")
    #expect(plot.operands == ["a", "b"] && plot.metricNames == ["loss", "f1"])
    #expect(plot.split == "step" && plot.isLogarithmic)
    #expect(
      message("plot") == "plot needs RUN..., run directories, at least one: nn-dist plot RUN...")
    let draw = try run(.draw, "draw a.yaml --output - --sample 3")
    #expect(draw.output == "-" && draw.sample == 3 && !draw.drawsLayers)
    #expect(try run(.draw, "draw a.yaml --layers").drawsLayers)
    #expect(
      message("summary a.yaml --svg a.svg")
        == "summary has no option '--svg' any more: use nn-dist draw CONFIG --output FILE")
  }

  @Test func theEnvironmentGivesWhatNoOptionDoes() throws {
    let environment = ["NN_DIST_WORKERS": "5"]
    #expect(try run(.train, "train a.yaml", environment).workers == 5)
    #expect(try run(.train, "train a.yaml --workers 2", environment).workers == 2)
    #expect(try run(.train, "train a.yaml", ["NN_DIST_WORKERS": ""]).workers == nil)
    #expect(try run(.summary, "summary a.yaml", ["NN_DIST_WORKERS": "x"]).workers == nil)
    #expect(
      message("train a.yaml", ["NN_DIST_WORKERS": "0"])
        == "NN_DIST_WORKERS: expected an integer from 1 to 1024, found '0'")
  }

  @Test func help() throws {
    for line in ["--help", "-h", "help"] {
      #expect(try text(line).hasPrefix("nn-dist trains neural networks"))
    }
    for line in ["train --help", "train a.yaml -h --bogus", "help train", "train --run --help"] {
      #expect(try text(line).hasPrefix("nn-dist train: train a network"))
    }
  }

  private static let commands =
    "init, train, crossval, evaluate, predict, sample, inspect, export, summary, gradcheck, explain, "
    + "bench, bench-comm, verify, diff, report, plot, draw, plan, doctor, reference, data build, "
    + "data fetch, data list"

  @Test func version() throws {
    #expect(try parse("--version") == .version)
  }

  @Test(arguments: [
    ("", "no command (known: \(commands))"),
    ("trian a.yaml", "unknown command 'trian' (did you mean 'train'?)"),
    ("a.yaml", "unknown command 'a.yaml' (known: \(commands), help)"),
    ("help trian", "unknown command 'trian' (did you mean 'train'?)"),
    ("help train bench", "help explains one command at a time"),
    ("--versoin", "unknown option '--versoin' before the command (did you mean '--version'?)"),
    (
      "train a.yaml --worker 2",
      "unknown option '--worker' for train (did you mean '--workers'?)"
    ),
    (
      "summary a.yaml --steps=2",
      "unknown option '--steps' for summary (did you mean '--set train.steps=VALUE'?)"
    ),
    (
      "evaluate runs/a -w",
      "unknown option '-w' for evaluate (known: --set, --last, --split, --input, --name, --answers, "
        + "--metrics, --bootstrap, --beam, --data, --image-offset, --layout, --release, "
        + "--stored-statistics, --from, --workers, --timeout, --json, --help)"
    ),
    ("train", "train needs CONFIG, a configuration file (YAML): nn-dist train CONFIG"),
    (
      "evaluate --json",
      "evaluate needs RUN|CHECKPOINT|MODEL, a run directory, a checkpoint, a .h5 or .smodel"
        + " file: nn-dist evaluate RUN|CHECKPOINT|MODEL"
    ),
    ("train a.yaml b.yaml", "unexpected argument 'b.yaml' for train"),
    (
      "train a.yaml seed=2", "unexpected argument 'seed=2' for train (did you mean '--set seed=2'?)"
    ),
    (
      "train a.yaml --resume c.h5",
      "unexpected argument 'c.h5' for train (did you mean '--resume=c.h5'?)"
    ),
    ("predict a seed=2", "unexpected argument 'seed=2' for predict"),
    ("train a.yaml --run", "option '--run' needs a value: --run DIR"),
    ("train a.yaml --run --fresh", "option '--run' needs a value: --run DIR"),
    ("train a.yaml --run=", "option '--run' needs a value: --run DIR"),
    ("train a.yaml --resume=", "option '--resume' needs a value: --resume[=CHECKPOINT]"),
    ("train a.yaml --workers", "option '--workers' needs a value: an integer from 1 to 1024"),
    (
      "train a.yaml --workers -1",
      "option '--workers': expected an integer from 1 to 1024, found '-1'"
    ),
    (
      "train a.yaml --workers=99999999999999999999",
      "option '--workers': expected an integer from 1 to 1024, found '99999999999999999999'"
    ),
    (
      "bench a.yaml --steps 1e3",
      "option '--steps': expected an integer from 1 to 1000000, found '1e3'"
    ),
    (
      "bench-comm --ranks 1,,2",
      "option '--ranks': expected integers from 1 to 65536 between commas, found '1,,2'"
    ),
    (
      "bench-comm --latency=-1", "option '--latency': expected a number greater than 0, found '-1'"
    ),
    ("train a.yaml --fresh=yes", "option '--fresh' takes no value"),
    ("train a.yaml --workers 1 --workers=1", "option '--workers' is given twice"),
    ("train a.yaml --fresh --fresh", "option '--fresh' is given twice"),
    (
      "train a.yaml --resume --fresh",
      "options '--resume' and '--fresh' exclude each other: choose one"
    ),
    (
      "train a.yaml --fresh --resume=c.h5",
      "options '--fresh' and '--resume' exclude each other: choose one"
    ),
  ])
  func mistakes(line: String, expected: String) {
    #expect(message(line) == expected)
  }

  @Test func anEmptyOperandIsNamed() {
    #expect(throws: Failure(.usage, "CONFIG is empty")) { try CommandLine.parse(["train", ""]) }
  }

  @Test func aMessageIsOneLine() {
    let words = ["train", "a", "b\n\u{1b}[31m" + String(repeating: "c", count: 100)]
    let found = #"'b\n\u{1B}[31m"# + String(repeating: "c", count: 53) + "...'"
    #expect(throws: Failure(.usage, "unexpected argument \(found) for train")) {
      try CommandLine.parse(words)
    }
  }

  /// Random lines of words that mean something, in any order, either parse or are a mistake of use.
  @Test func noLineOfWordsTraps() {
    let pool = [
      "train", "bench", "help", "--", "-", "-h", "", "=", "--=", "--set", "--set=", "--workers",
      "--workers=2", "3", "--resume", "--resume=x", "--fresh", "--json", "a.yaml", "k=v", "-1", "é",
    ]
    var state: UInt64 = 1
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<5000 {
      let words = (0..<next(7)).map { _ in pool[next(pool.count)] }
      do throws(Failure) {
        _ = try CommandLine.parse(words) { _ in nil }
      } catch {
        #expect(error.code == .usage && !error.message.contains("\n"))
      }
    }
  }

  private func parse(_ line: String, _ environment: [String: String] = [:]) throws -> Invocation {
    try CommandLine.parse(line.split(separator: " ").map(String.init)) { environment[$0] }
  }

  private func run(
    _ command: Command, _ line: String, _ environment: [String: String] = [:]
  ) throws -> Arguments {
    guard case .run(command, let arguments) = try parse(line, environment) else {
      throw Failure(.usage, "not a run of \(command)")
    }
    return arguments
  }

  private func text(_ line: String) throws -> String {
    guard case .help(let text) = try parse(line) else { throw Failure(.usage, "not help") }
    return text
  }

  private func message(_ line: String, _ environment: [String: String] = [:]) -> String {
    do {
      return "parsed: \(try parse(line, environment))"
    } catch {
      return "\(error)"
    }
  }
}
