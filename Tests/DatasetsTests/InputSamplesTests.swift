import Datasets
import Diagnostics
import Foundation
import HDF5Files
import TestSupport
import Testing

/// Files of samples without answers, good and bad.
@Suite struct InputSamplesTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  private static let plain = Normalisation(scale: 1, mean: 0, deviation: 1)

  private static func pixels(_ shape: [Int]) -> SampleCoding {
    SampleCoding(
      shape: shape, number: .uint8, normalisation: plain, targets: .classes(["a", "b"]))
  }

  private static func reals(_ shape: [Int]) -> SampleCoding {
    SampleCoding(
      shape: shape, number: .float32, normalisation: plain, targets: .values(shape: [1]))
  }

  private static let table = SampleCoding(
    shape: [3], number: .float32, normalisation: plain, targets: .values(shape: [1]),
    columns: CSVColumns(
      features: [
        CSVColumns.Feature(name: "x", content: .number(NumberColumn(mean: 2, deviation: 0.5))),
        CSVColumns.Feature(name: "kind", content: .category(CategoryColumn(["a", "b"]))),
      ], target: .targets(["y"]), separator: .comma))

  /// All numbers of a file, read two samples at a time.
  private func numbers(
    _ coding: SampleCoding, _ file: String, name: String? = nil, channelsFirst: Bool = false
  ) throws -> [Float] {
    let samples = try coding.open(files.path(file), name: name, channelsFirst: channelsFirst)
    var numbers: [Float] = []
    while true {
      var bytes = [UInt8](repeating: 0, count: 2 * coding.sampleBytes)
      let count = try unsafe bytes.withUnsafeMutableBytes { unsafe try samples.read(2, into: $0) }
      bytes.removeLast((2 - count) * coding.sampleBytes)
      numbers +=
        coding.number == .uint8
        ? bytes.map(Float.init)
        : unsafe bytes.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
      if count < 2 { return numbers }
    }
  }

  private func expect(
    _ coding: SampleCoding, _ file: String, name: String? = nil, fails code: ExitCode,
    _ texts: String..., sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let failure = #expect(throws: Failure.self, sourceLocation: sourceLocation) {
      _ = try numbers(coding, file, name: name)
    }
    #expect(failure?.code == code, "\(String(describing: failure))", sourceLocation: sourceLocation)
    for text in texts {
      #expect(
        failure?.message.contains(text) == true, "\(String(describing: failure))",
        sourceLocation: sourceLocation)
    }
    #expect(failure?.message.contains("\n") == false, sourceLocation: sourceLocation)
  }

  // MARK: Tables

  @Test func columnsAreFoundByName() throws {
    for text in ["x,kind\n3,b\n1,a\n2,a\n", "kind,id,x,y\nb,7,3,9\na,8,1,9\na,9,2,9\n"] {
      try files.put(text, at: "t.csv")
      #expect(try numbers(Self.table, "t.csv") == [2, 0, 1, -2, 1, 0, 0, 1, 0])
    }
    try files.put("x,kind\n", at: "t.csv")
    #expect(try numbers(Self.table, "t.csv").isEmpty)
  }

  @Test(arguments: [
    ("", "expected a header"), ("kind,y\na,1\n", "t.csv:1: there is no column 'x'"),
    ("x,kind\n1,c\n", "t.csv:2: column 'kind' holds 'c', which the training data do not"),
    ("x,kind\n1,a\nNA,b\n", "t.csv:3: column 'x' has no value ('NA')"),
    ("x,kind\n1,a\none,b\n", "t.csv:3: column 'x' holds 'one', expected a number"),
    ("x,kind\n1\n", "t.csv:2: expected 2 fields as in the header, found 1"),
    ("x,kind\n1e39,a\n", "too large for float32"),
  ])
  func tablesThatDoNotFit(_ text: String, _ message: String) throws {
    try files.put(text, at: "t.csv")
    expect(Self.table, "t.csv", fails: .badData, message)
  }

  @Test func plainNumbers() throws {
    try files.put("0,1,2,255\n\n4,5,6,7\n8,9,1e1,11", at: "t.csv")
    #expect(
      try numbers(Self.pixels([2, 2, 1]), "t.csv") == [0, 1, 2, 255, 4, 5, 6, 7, 8, 9, 10, 11])
    try files.put("0.5,-1\n", at: "t.csv")
    #expect(try numbers(Self.reals([2]), "t.csv") == [0.5, -1])
    try files.put("1,2\n3\n", at: "t.csv")
    expect(
      Self.reals([2]), "t.csv", fails: .badData,
      "t.csv:2: expected 2 numbers for a sample of 2, found 1 fields")
    try files.put("1,x\n", at: "t.csv")
    expect(Self.reals([2]), "t.csv", fails: .badData, "t.csv:1: column '2' holds 'x', expected")
    for bad in ["256", "-1", "0.5"] {
      try files.put("1,\(bad)\n", at: "t.csv")
      expect(
        Self.pixels([2]), "t.csv", fails: .badData,
        "t.csv:1: column 2 holds \(bad), expected a whole number from 0 to 255")
    }
  }

  // MARK: JSON lines

  /// Objects and arrays hold what the lines of a table do.
  @Test func linesOfJSON() throws {
    for text in [
      "{\"x\": 3, \"kind\": \"b\"}\n\n{\"kind\":\"a\",\"x\":1.0}\n"
        + " {\"x\" : 2e0 , \"kind\" : \"a\"}",
      "[3, \"b\"]\r\n[1, \"\\u0061\"]\n[2,\"a\"]\n",
      "\n{\"id\": [1, {\"x\": {}}], \"x\": 3, \"kind\": \"b\"}\n[1, \"a\"]\n"
        + "{\"x\": \"2\", \"kind\": \"a\", \"y\": {}}\n",
    ] {
      try files.put(text, at: "t.jsonl")
      #expect(try numbers(Self.table, "t.jsonl") == [2, 0, 1, -2, 1, 0, 0, 1, 0], "\(text)")
      try files.put(DataFolder.gzip(Array(text.utf8)), at: "t.gz")
      #expect(try numbers(Self.table, "t.gz") == [2, 0, 1, -2, 1, 0, 0, 1, 0], "\(text)")
    }
    try files.put("[0, [1, 2], 255]\n[[4, 5], [6, 7]]\n", at: "t.jsonl")
    #expect(try numbers(Self.pixels([2, 2, 1]), "t.jsonl") == [0, 1, 2, 255, 4, 5, 6, 7])
  }

  @Test(arguments: [
    (
      "{\"x\": 1, \"kind\": \"a\"}\n{\"x\": 1",
      ":2: expected ',' at byte 8 of the line, found its end"
    ),
    ("{\"x\": 1}\n", ":1: column 'kind' has no value"),
    ("{\"x\": null, \"kind\": \"a\"}\n", ":1: column 'x' has no value"),
    ("{\"y\": 1}\n", ":1: the object has no value for any of 'x', 'kind'"),
    ("{}\n", ":1: the object has no"),
    ("[1, \"a\"]\n3\n", ":2: expected an object or an array"),
    ("[]\n", ":1: the array is empty"), ("[1]\n", ":1: expected 2 fields"),
    ("[1, \"c\"]\n", ":1: column 'kind' holds 'c'"),
    ("[0x1, \"a\"]\n", ":1: expected a value at byte 2"),
    ("[inf, \"a\"]\n", ":1: expected a value"),
    ("[1, \"a]\n", ":1: the line ends inside a string"),
    ("[1, \"\\u12\"]\n", "four hexadecimal digits"), ("[1, \"\\x\"]\n", "no known escape"),
    ("[1, \"a\"] [2, \"a\"]\n", ":1: expected the end of the line"),
    ("[1, {}]\n", "found an object"), ("{x: 1}\n", "expected a name in quotes"),
    ("{\"x\": {}, \"kind\": \"a\"}\n", "'x' holds an object"),
    (String(repeating: "[", count: 100), "nested too deep"),
    ("{\"y\": " + String(repeating: "[", count: 100), "nested too deep"),
    ("[1, \"\\", "no known escape"), ("{\"x\"", "expected ':'"),
    ("[", "expected a value at byte 2 of the line, found its end"),
  ])
  func linesThatAreNoJSON(_ text: String, _ message: String) throws {
    try files.put(text, at: "t.jsonl")
    expect(Self.table, "t.jsonl", fails: .badData, "t.jsonl", message)
  }

  // MARK: Arrays

  @Test func filesOfIDX() throws {
    let bytes = DataFolder.idx([3, 2, 2], Array(1...12))
    try files.put(bytes, at: "x")
    try files.put(DataFolder.gzip(bytes), at: "x.gz")
    for name in ["x", "x.gz"] {
      #expect(try numbers(Self.pixels([2, 2, 1]), name) == (1...12).map(Float.init))
      // Bytes are real numbers as well.
      #expect(try numbers(Self.reals([2, 2, 1]), name) == (1...12).map(Float.init))
    }
    expect(
      Self.pixels([2, 3, 1]), "x", fails: .badData,
      "expected samples of 2x3x1 uint8 as in training, found 2x2x1 uint8")
    try files.put(DataFolder.idx([2, 2], [0, 1, 0, 2, 0, 3, 0, 4], type: 0x0b), at: "x")
    expect(Self.pixels([2]), "x", fails: .badData, "expected samples of 2 uint8", "int32")
    #expect(try numbers(Self.reals([2]), "x") == [1, 2, 3, 4])
    try files.put(Array(bytes.dropLast()), at: "x")
    expect(Self.pixels([2, 2, 1]), "x", fails: .badData, "expected 28 bytes", "found 27")
    try files.put(DataFolder.gzip(bytes + [0]), at: "x")
    expect(Self.pixels([2, 2, 1]), "x", fails: .badData, "holds more than the 12 bytes")
  }

  @Test func arraysOfHDF5() throws {
    try usingHDF5 {
      var writer = try HDF5Writer(creating: files.path("x.h5"))
      func add(_ shape: [Int], _ path: String, to writer: inout HDF5Writer) throws {
        let values = (0..<shape.reduce(1, *)).map { Float($0) }
        try unsafe values.withUnsafeBufferPointer {
          unsafe try writer.write($0, shape: shape, to: path)
        }
      }
      try add([2, 3], "rows", to: &writer)
      try add([2, 2, 1, 2], "planes", to: &writer)
      try add([3, 4], "a/twins", to: &writer)
      try add([5, 4], "b", to: &writer)
      try writer.close()
      #expect(try numbers(Self.reals([3]), "x.h5") == [0, 1, 2, 3, 4, 5])
      #expect(try numbers(Self.reals([4]), "x.h5", name: "a/twins").count == 12)
      // Two planes of one row, which are found in either order.
      let planes: [Float] = [0, 2, 1, 3, 4, 6, 5, 7]
      #expect(try numbers(Self.reals([1, 2, 2]), "x.h5") == planes)
      #expect(try numbers(Self.reals([1, 2, 2]), "x.h5", channelsFirst: true) == planes)
      #expect(
        try numbers(Self.reals([2, 1, 2]), "x.h5", channelsFirst: true) == (0..<8).map(Float.init))
      expect(
        Self.reals([4]), "x.h5", fails: .badData,
        "2 arrays hold such samples, choose one by --name",
        "'a/twins' (3x4), 'b' (5x4)")
      expect(
        Self.reals([9]), "x.h5", fails: .badData, "no array holds samples of 9", "'rows' (2x3)")
      expect(
        Self.reals([9]), "x.h5", name: "rows", fails: .badData,
        "x.h5': 'rows': expected samples of 9 float32 as in training, found 3 float32")
      expect(Self.reals([3]), "x.h5", name: "rose", fails: .badData, "'/rose' is missing")
      expect(Self.pixels([3]), "x.h5", fails: .badData, "uint8 as in training", "found 3 float32")
    }
  }

  // MARK: Images

  @Test func imagesAndFoldersOfThem() throws {
    try files.png("in/b.png", width: 2, height: 1, channels: 1, [3, 4])
    try files.png("in/a.PNG", width: 2, height: 1, channels: 1, [5, 6])
    try files.put("ignored", at: "in/readme.txt")
    let grey = Self.pixels([1, 2, 1])
    #expect(try numbers(grey, "in") == [5, 6, 3, 4])
    #expect(try numbers(grey, "in/b.png") == [3, 4])
    #expect(try numbers(Self.pixels([1, 2, 3]), "in/b.png") == [3, 3, 3, 4, 4, 4])
    let samples = try grey.open(files.path("in"))
    #expect((0..<2).map(samples.name) == ["a.PNG", "b.png"])
    expect(
      Self.pixels([2, 2, 1]), "in", fails: .badData,
      "a.PNG': expected 2x2 pixels as in training, found 2x1")
    try files.png("in/c.png", width: 2, height: 1, channels: 3, [1, 2, 3, 4, 5, 6])
    expect(grey, "in", fails: .badData, "c.png': expected a grey image as in training")
    expect(Self.reals([1, 2, 1]), "in", fails: .badData, "found images")
    expect(Self.pixels([2]), "in/b.png", fails: .badData, "found images")
    try files.put("", at: "empty/readme.txt")
    expect(grey, "empty", fails: .badData, "holds no file that ends in .png")
  }

  @Test func whatIsNone() throws {
    try files.put([7, 0, 1], at: "x")
    expect(Self.reals([1]), "x", fails: .badData, "found none of these")
    expect(Self.reals([1]), "none", fails: .noInput, "No such file")
    expect(Self.reals([1]), "x", name: "y", fails: .usage, "--name")
    let failure = #expect(throws: Failure.self) { _ = try Self.reals([1]).open("/dev/zero") }
    #expect(failure?.code == .noInput)
  }
}
