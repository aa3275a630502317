import CHDF5
import Diagnostics
import Foundation
import TestSupport
import Testing

import HDF5Files

extension HDF5FilesTests {
  /// Files that crash the HDF5 library; they are never part of the repository.
  static let hostileFiles: [String] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../shared/reference/hostile").standardizedFileURL.path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".h5") }.sorted().map { "\(folder)/\($0)" }
  }()

  /// Asks a file for all that is in it.
  private func readAll(_ path: String) throws {
    let reader = try HDF5Reader(opening: path)
    _ = try? reader.members()
    for entry in try reader.outline() {
      _ = try reader.attributes(of: entry.path)
      guard case .dataset = entry.content else { continue }
      if let rows = try? reader.rows(of: entry.path) {
        let count = rows.shape.dropFirst().reduce(1, *)
        var values = [Float](repeating: 0, count: count)
        for row in 0..<min(2, count == 0 ? 0 : rows.shape[0]) {
          try unsafe rows.read(row..<row + 1, into: &values)
        }
      }
      _ = try? reader.text(entry.path)
      if let info = try? reader.info(of: entry.path), info.elementType == .float32 {
        _ = try read(reader, entry.path, Float(0))
      }
    }
  }

  @Test(.data("shared/reference/hostile", areHere: !hostileFiles.isEmpty))
  func aHostileFileConcernsNoOther() throws {
    try writeSample(directory("a.h5"))
    let good = try HDF5Reader(opening: directory("a.h5"))
    var refused = 0
    for path in Self.hostileFiles {
      do { try readAll(path) } catch let failure as Failure {
        refused += 1
        #expect(failure.code == .badData, "\(failure)")
        #expect(!failure.message.contains("\n") && failure.message.contains(path), "\(failure)")
      }
      // One that was open before, and one that is opened after.
      #expect(try read(good, "weights/scalar", 0.0) == [2.5])
      #expect(try weights(of: directory("a.h5")).count == 3000)
    }
    #expect(refused >= Self.hostileFiles.count - 1)
  }

  /// The process that has a file open for this one.
  private func process(reading path: String) throws -> pid_t {
    let files = FileManager.default
    // The path as the system has it.
    let path = URL(fileURLWithPath: path).standardizedFileURL.path
    let processes = try files.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
    return try #require(
      processes.first { process in
        guard let words = files.contents(atPath: "/proc/\(process)/cmdline"),
          String(decoding: words, as: UTF8.self).contains("hdf5-reader"),
          let numbers = try? files.contentsOfDirectory(atPath: "/proc/\(process)/fd")
        else { return false }
        return numbers.contains { number in
          (try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(number)")) == path
        }
      })
  }

  @Test func aReaderThatIsKilledIsAFailure() throws {
    try writeSample(directory("a.h5"))
    for (signal, text) in [
      (SIGKILL, "was killed"), (SIGXCPU, "of processor time"),
    ] {
      let reader = try HDF5Reader(opening: directory("a.h5"))
      kill(try process(reading: directory("a.h5")), signal)
      for _ in 0..<2 {
        let failure = #expect(throws: Failure.self) { try reader.contains("weights") }
        #expect(failure?.code == .badData)
        #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
      }
    }
    #expect(try weights(of: directory("a.h5")).count == 3000)
  }

  @Test func aReaderThatSaysNothingIsGivenUp() throws {
    try writeSample(directory("a.h5"))
    let reader = try HDF5Reader(opening: directory("a.h5"), patience: 2)
    let process = try process(reading: directory("a.h5"))
    kill(process, SIGSTOP)
    let start = ContinuousClock.now
    let failure = #expect(throws: Failure.self) { try reader.contains("weights") }
    #expect(failure?.message.contains("its reader did not answer for 2 s") == true)
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(kill(process, 0) != 0, "it is left behind")
  }

  /// A terminal or a launcher signals all processes; this one is to end with its owner.
  @Test func signalsOfATerminalDoNotReachAReader() throws {
    try writeSample(directory("a.h5"))
    let reader = try HDF5Reader(opening: directory("a.h5"))
    let process = try process(reading: directory("a.h5"))
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP] { kill(process, signal) }
    #expect(try reader.contains("weights"))
    let files = FileManager.default
    for output in [1, 2] {
      #expect(
        try files.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(output)") == "/dev/null")
    }
    let environment = try #require(files.contents(atPath: "/proc/\(process)/environ"))
    for variable in environment.split(separator: 0) {
      let text = String(decoding: variable, as: UTF8.self)
      #expect(["SWIFT_BACKTRACE", "LD_", "HDF5_"].contains { text.hasPrefix($0) }, "\(text)")
    }
  }

  /// As a cache is, when two runs make it at once.
  @Test func aFileMayBeReplacedAgainAndAgain() throws {
    try writeSample(directory("a.h5"))
    let whole = try bytes(of: directory("a.h5"))
    let (from, to) = (directory("b.h5"), directory("a.h5"))
    let end = ContinuousClock.now + .seconds(1)
    let replacing = Thread {
      while ContinuousClock.now < end {
        try? write(whole, to: from)
        unsafe rename(from, to)
      }
    }
    replacing.start()
    while ContinuousClock.now < end { #expect(try weights(of: to).count == 3000) }
  }

  @Test func aReaderEndsWithItsFile() throws {
    try writeSample(directory("a.h5"))
    func open() throws -> pid_t {
      let reader = try HDF5Reader(opening: directory("a.h5"))
      #expect(try reader.contains("weights"))
      return try process(reading: directory("a.h5"))
    }
    #expect(kill(try open(), 0) != 0)
  }

  // MARK: Work

  /// Programs that other tests started meanwhile may hold the lock of a file that the library made
  /// here.
  private func copyMade(to path: String) throws {
    try write(bytes(of: directory("made")), to: path)
    // A child process of another test may hold HDF5's lock on the file: the next one is a new file.
    try FileManager.default.removeItem(atPath: directory("made"))
  }

  /// The bytes that a process has read from files.
  private func bytesRead(by process: pid_t) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(process)/io", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("rchar:") })
    return try #require(Int(line.dropFirst(7)))
  }

  /// Each chunk is read from the file, and so unpacked, once, whatever its shape.
  @Test(
    arguments: [
      [4000, 300], [1000, 300], [3, 300], [4000, 1], [4000, 299], [37, 41], [5000, 600],
    ])
  func aChunkIsUnpackedOnce(chunk: [Int]) throws {
    let path = directory("packed.h5")
    var random = XorShift(seed: 7)
    let values = (0..<4000 * 300).map { _ in Float(random.integer(in: 0...1000)) }
    usingHDF5 {
      let file = unsafe H5Fcreate(directory("made"), 2, 0, 0)
      let (shape, most) = ([hsize_t(4000), 300], [hsize_t(5000), 600])
      let space = unsafe H5Screate_simple(2, shape, most)
      let properties = H5Pcreate(H5P_DATASET_CREATE)
      unsafe H5Pset_chunk(properties, 2, chunk.map { hsize_t($0) })
      H5Pset_deflate(properties, 1)
      let set = unsafe H5Dcreate2(file, "x", H5T_IEEE_F32LE, space, 0, properties, 0)
      unsafe H5Dwrite(set, H5T_NATIVE_FLOAT, 0, 0, 0, values)
      H5Dclose(set)
      H5Pclose(properties)
      H5Sclose(space)
      H5Fclose(file)
    }
    try copyMade(to: path)
    let reader = try HDF5Reader(opening: path)
    let size = try bytes(of: path).count
    let process = try process(reading: path)
    // A few rows at a time, and as numbers of another type.
    let rows = try reader.rows(of: "x")
    var found = [Double](repeating: 0, count: 300 * 7)
    let before = try bytesRead(by: process)
    for start in stride(from: 0, to: 4000, by: 7) {
      let count = min(7, 4000 - start)
      try unsafe rows.read(start..<start + count, into: &found)
      let right = values[start * 300..<(start + count) * 300].map(Double.init)
      #expect(found.prefix(count * 300) == right[...], "rows from \(start) on")
    }
    let between = try bytesRead(by: process)
    #expect(between - before < size * 11 / 10 + 100_000)
    // And all at once.
    #expect(try read(reader, "x", Float(0)) == values)
    #expect(try bytesRead(by: process) - between < size * 11 / 10 + 100_000)
  }

  /// Arrays of every kind of shape come back, also those with rows longer than a part.
  @Test(arguments: [
    [1, 700_000], [2, 3, 200_000], [300_001], [3, 1000, 300], [0, 5], [1, 1, 1],
  ])
  func partsMakeTheWhole(shape: [Int]) throws {
    let values = (0..<shape.reduce(1, *)).map { Float($0) }
    try usingHDF5 {
      var writer = try HDF5Writer(creating: directory("parts.h5"))
      try add(to: &writer, values, shape, "x")
      try writer.close()
    }
    #expect(try read(HDF5Reader(opening: directory("parts.h5")), "x", Float(0)) == values)
    let reread = try usingHDF5 {
      try read(HDF5Reader(rereading: directory("parts.h5")), "x", Float(0))
    }
    #expect(reread == values)
  }

  /// The nanoseconds for which a process has computed.
  private func work(of process: pid_t) throws -> Double {
    let text = try String(contentsOfFile: "/proc/\(process)/schedstat", encoding: .utf8)
    return try #require(text.split(separator: " ").first.flatMap { Double($0) })
  }

  /// Four times as many members and attributes are four times the work; 16 times if each is looked
  /// for anew.
  @Test(arguments: [false, true]) func manyMembersAreLinearWork(isNew: Bool) throws {
    let times = try [5_000, 20_000].map { count in
      let path = directory("\(count).h5")
      usingHDF5 {
        let access = H5Pcreate(H5P_FILE_ACCESS)
        if isNew { H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) }
        let file = unsafe H5Fcreate(directory("made"), 2, 0, access)
        let space = H5Screate(H5S_SCALAR)
        let group = unsafe H5Gcreate2(file, "g", 0, 0, 0)
        for i in 0..<count {
          H5Gclose(unsafe H5Gcreate2(group, "member\(i)", 0, 0, 0))
          guard isNew else { continue }
          H5Aclose(unsafe H5Acreate2(group, "a\(i)", H5T_STD_I32LE, space, 0, 0))
        }
        H5Gclose(group)
        H5Sclose(space)
        H5Pclose(access)
        H5Fclose(file)
      }
      try copyMade(to: path)
      let reader = try HDF5Reader(opening: path)
      #expect(try reader.outline().count == count + 1)
      #expect(try reader.members(of: "g").count == count)
      if isNew { #expect(try reader.attributes(of: "g").count == count) }
      return try work(of: process(reading: path))
    }
    #expect(times[1] < 9 * times[0], "\(times)")
  }
}
