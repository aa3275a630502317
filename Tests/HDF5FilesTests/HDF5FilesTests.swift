import CHDF5
import Diagnostics
import Foundation
import Testing

import HDF5Files

/// The library is used from one thread at a time, so its tests run one after the other.
@Suite(.serialized) struct HDF5FilesTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  func writeSample(_ path: String) throws {
    var writer = try HDF5Writer(creating: path)
    try add(to: &writer, (0..<3000).map { Float($0) / 7 }, [1000, 3], "weights/a/weight")
    try add(to: &writer, [Float](), [0, 4], "weights/a/none")
    try add(to: &writer, [2.5], [], "weights/scalar")
    try add(to: &writer, [-1, .max, .min] as [Int64], [3], "labels/long")
    try add(to: &writer, [-1, .max, .min, 7] as [Int32], [2, 2], "labels/short")
    try add(to: &writer, [0, 255] as [UInt8], [2], "labels/byte")
    for i in 0..<20 {
      try add(to: &writer, [Float(i)], [1], "weights/layer\(i)/nested/bias")
    }
    try writer.write("seed: 1\nname: größer\n", to: "config")
    try writer.write("", to: "empty")
    try writer.createGroup("state")
    try writer.set("step", of: "state", to: .integer(-5))
    try writer.set("loss", of: "state", to: .number(0.1))
    try writer.set("losses", of: "state", to: .numbers([1, 0.5]))
    try writer.set("none", of: "state", to: .numbers([]))
    try writer.set("engine", of: "state", to: .text("önednn"))
    try writer.set("nothing", of: "state", to: .text(""))
    try writer.close()
  }

  func add<Element: HDF5Element>(
    to writer: inout HDF5Writer, _ values: [Element], _ shape: [Int], _ path: String
  ) throws {
    try unsafe values.withUnsafeBufferPointer {
      try unsafe writer.write($0, shape: shape, to: path)
    }
  }

  func read<Element: HDF5Element>(
    _ reader: borrowing HDF5Reader, _ path: String, _ zero: Element, shape: [Int]? = nil
  ) throws -> [Element] {
    let shape = try shape ?? reader.info(of: path).shape
    var values = Array(repeating: zero, count: shape.reduce(1, *))
    try unsafe values.withUnsafeMutableBufferPointer {
      try unsafe reader.read(path, shape: shape, into: $0)
    }
    return values
  }

  /// The values of one dataset, or the refusal.
  func weights(of path: String) throws -> [Float] {
    let reader = try HDF5Reader(opening: path)
    return try read(reader, "weights/a/weight", Float(0))
  }

  /// Rows of which nobody knows the number, beside each other and over many chunks.
  @Test func rowsThatGrow() throws {
    let numbers = (0..<300_000).map { Float($0) * 0.5 }
    func write(_ name: String, _ pieces: [Int]) throws -> [UInt8] {
      let path = directory(name)
      var writer = try HDF5Writer(creating: path)
      var rows = try writer.growingRows(of: .float32, shape: [3], at: "a/rows")
      var labels = try writer.growingRows(of: .int32, shape: [], at: "labels")
      let none = try writer.growingRows(of: .float32, shape: [1 << 20], at: "none")
      var start = 0
      for count in pieces {
        try unsafe numbers[3 * start..<3 * (start + count)].withUnsafeBufferPointer {
          try unsafe rows.append(rows: count, #require($0.baseAddress))
        }
        let indices = (start..<start + count).map(Int32.init)
        try unsafe indices.withUnsafeBufferPointer {
          try unsafe labels.append(rows: count, #require($0.baseAddress))
        }
        start += count
      }
      try writer.write("names", to: "names")
      try rows.close()
      try labels.close()
      try none.close()
      try writer.close()
      let reader = try HDF5Reader(opening: path)
      #expect(try read(reader, "a/rows", Float(0)) == Array(numbers[..<(3 * start)]))
      #expect(try read(reader, "labels", Int32(0)) == (0..<Int32(start)).map(\.self))
      #expect(try reader.info(of: "a/rows").shape == [start, 3])
      #expect(try reader.info(of: "none").shape == [0, 1 << 20])
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
    let first = try write("once.h5", [64_000, 1, 33_000])
    #expect(try write("again.h5", [64_000, 1, 33_000]) == first)
    _ = try write("one.h5", [1])
  }

  @Test func everythingComesBack() throws {
    try writeSample(directory("a.h5"))
    let reader = try HDF5Reader(opening: directory("a.h5"))
    #expect(
      try reader.members().map(\.name) == ["config", "empty", "labels", "state", "weights"])
    #expect(try reader.members(of: "labels").map(\.isGroup) == [false, false, false])
    let info = try reader.info(of: "weights/a/weight")
    #expect(info.shape == [1000, 3] && info.elementType == .float32)
    #expect(try read(reader, "weights/a/weight", Float(0)) == (0..<3000).map { Float($0) / 7 })
    #expect(try reader.info(of: "weights/a/none").shape == [0, 4])
    #expect(try read(reader, "weights/a/none", Float(0)).isEmpty)
    #expect(try reader.info(of: "weights/scalar").shape == [])
    #expect(try read(reader, "weights/scalar", 0.0) == [2.5])
    #expect(try read(reader, "labels/long", Int64(0)) == [-1, .max, .min])
    #expect(try read(reader, "labels/short", Int32(0)) == [-1, .max, .min, 7])
    #expect(try read(reader, "labels/byte", UInt8(0)) == [0, 255])
    #expect(try reader.text("config") == "seed: 1\nname: größer\n")
    #expect(try reader.text("empty") == "")
    let found = try ["weights/layer19/nested/bias", "weights/layer20/nested/bias"].map {
      try reader.contains($0)
    }
    #expect(found == [true, false])
    let attributes = try reader.attributes(of: "state")
    #expect(attributes.map(\.name) == ["engine", "loss", "losses", "none", "nothing", "step"])
    #expect(
      attributes.map(\.value) == [
        .text("önednn"), .number(0.1), .numbers([1, 0.5]), .numbers([]), .text(""), .integer(-5),
      ])
  }

  @Test func equalContentsAreEqualBytes() throws {
    try writeSample(directory("a.h5"))
    usleep(1_100_000)
    try writeSample(directory("b.h5"))
    #expect(try bytes(of: directory("a.h5")) == bytes(of: directory("b.h5")))
  }

  @Test func anExistingFileIsNotTouched() throws {
    try write([1, 2, 3], to: directory("a.h5"))
    #expect(throws: Failure.self) { _ = try HDF5Writer(creating: directory("a.h5")) }
    #expect(try bytes(of: directory("a.h5")) == [1, 2, 3])
    let failure = #expect(throws: Failure.self) {
      _ = try HDF5Writer(creating: directory("no/a.h5"))
    }
    #expect(failure?.code == .cannotCreate)
  }

  @Test func wrongRequestsAreRefused() throws {
    try writeSample(directory("a.h5"))
    let reader = try HDF5Reader(opening: directory("a.h5"))
    func refusal(_ body: () throws -> Void) -> String {
      do { try body() } catch let failure as Failure {
        #expect(failure.code == .badData)
        return failure.message
      } catch { return "\(error)" }
      return "accepted"
    }
    #expect(
      refusal { _ = try read(reader, "weights/a/weight", 0.0) }.contains(
        "is float32 [1000, 3], expected float64"))
    #expect(
      refusal { _ = try read(reader, "weights/a/weight", Float(0), shape: [3000]) }
        .contains("expected float32 [3000]"))
    #expect(refusal { _ = try reader.info(of: "weights/b") }.contains("'/weights/b' is missing"))
    #expect(refusal { _ = try reader.info(of: "weights") }.contains("is not a dataset"))
    #expect(refusal { _ = try reader.members(of: "config") }.contains("is not a group"))
    #expect(refusal { _ = try reader.text("labels/byte") }.contains("is not one text"))
    #expect(refusal { _ = try reader.info(of: "config") }.contains("element type"))
  }

  @Test func whatIsNotAFileOfTheFormatIsRefused() throws {
    func code(_ path: String) -> ExitCode? {
      do { _ = try HDF5Reader(opening: path) } catch { return error.code }
      return nil
    }
    #expect(code(directory("none.h5")) == .noInput)
    #expect(code(directory.path) == .noInput)
    #expect(code("/dev/zero") == .noInput)
    unsafe mkfifo(directory("pipe"), 0o600)
    #expect(code(directory("pipe")) == .noInput)
    try write(Array("not HDF5".utf8), to: directory("text.h5"))
    #expect(code(directory("text.h5")) == .badData)
    try writeSample(directory("a.h5"))
    let whole = try bytes(of: directory("a.h5"))
    #expect(HDF5Reader.declaredSize(of: directory("a.h5")) == whole.count)
    for count in [whole.count - 1, whole.count / 2, 100, 10, 0] {
      try write(Array(whole[..<count]), to: directory("short.h5"))
      #expect(code(directory("short.h5")) == .badData)
    }
  }

  @Test func aFlippedBitNeverGivesOtherValues() throws {
    try writeSample(directory("a.h5"))
    let whole = try bytes(of: directory("a.h5"))
    let right = try weights(of: directory("a.h5"))
    var refused = 0
    for offset in stride(from: 0, to: whole.count, by: 41) {
      var damaged = whole
      damaged[offset] ^= 1 << (offset % 8)
      try write(damaged, to: directory("b.h5"))
      do { #expect(try weights(of: directory("b.h5")) == right) } catch is Failure { refused += 1 }
    }
    #expect(refused > 200)
  }

  @Test func foreignStorageIsRefused() throws {
    try writeSample(directory("a.h5"))
    let file = unsafe H5Fopen(directory("a.h5"), 1, 0)
    unsafe H5Lcreate_soft("/weights/a", file, "soft", 0, 0)
    unsafe H5Lcreate_external("b.h5", "/weights", file, "external", 0, 0)
    let space = unsafe H5Screate_simple(1, [100], nil)
    func dataset(_ name: String, _ prepare: (hid_t) -> Void) {
      let properties = H5Pcreate(H5P_DATASET_CREATE)
      prepare(properties)
      let set = unsafe H5Dcreate2(file, name, H5T_IEEE_F32BE, space, 0, properties, 0)
      if name == "gzip" {
        let values = (0..<100).map(Float.init)
        unsafe H5Dwrite(set, H5T_NATIVE_FLOAT, 0, 0, 0, values)
      }
      H5Dclose(set)
      H5Pclose(properties)
    }
    dataset("gzip") {
      unsafe H5Pset_chunk($0, 1, [30])
      H5Pset_shuffle($0)
      H5Pset_deflate($0, 4)
    }
    dataset("never") { _ = unsafe H5Pset_chunk($0, 1, [30]) }
    dataset("late") { H5Pset_layout($0, H5D_CONTIGUOUS) }
    dataset("outside") { _ = unsafe H5Pset_external($0, "/etc/passwd", 0, 400) }
    dataset("scaled") {
      unsafe H5Pset_chunk($0, 1, [30])
      H5Pset_scaleoffset($0, H5Z_SO_FLOAT_DSCALE, 2)
    }
    H5Sclose(space)
    H5Fclose(file)

    let reader = try HDF5Reader(opening: directory("a.h5"))
    #expect(try read(reader, "gzip", Float(0)) == (0..<100).map(Float.init))
    for name in ["soft", "soft/weight", "external", "external/a"] {
      let failure = #expect(throws: Failure.self) { _ = try reader.info(of: name) }
      #expect(failure?.message.contains("is a link") == true)
    }
    #expect(throws: Failure.self) { _ = try reader.members() }
    for (name, reason) in [
      ("never", "incomplete"), ("late", "incomplete"), ("outside", "other files"),
      ("scaled", "uses filter 6"),
    ] {
      let failure = #expect(throws: Failure.self) { _ = try reader.info(of: name) }
      #expect(failure?.message.contains(reason) == true)
    }
  }

  /// A lock lasts as long as anyone has the file open.
  @Test func programsDoNotInheritFiles() throws {
    let path = directory("inherited.h5")
    let writer = try HDF5Writer(creating: path)
    var (child, words) = (pid_t(), unsafe [strdup("sleep"), strdup("30"), nil])
    defer { unsafe words.forEach { unsafe free($0) } }
    try #require(unsafe posix_spawn(&child, "/bin/sleep", nil, nil, &words, environ) == 0)
    defer {
      kill(child, SIGKILL)
      waitpid(child, nil, 0)
    }
    try writer.close()
    _ = try HDF5Reader(opening: path)
  }
}
