import Foundation
import TestSupport
import Testing

/// Files in a user's documents, written by a program that has a home of its own.
@Suite struct DocumentTests {
  /// What Neuron 1 has no place for goes into a file for Neuron 2; about 3 MB take moments, of
  /// which the bound leaves many for a machine that is busy.
  @Test func modelsAreWrittenAndRead() throws {
    let home = try TemporaryFolder()
    let ending = try ExampleTests.run("NeuronModels", home: home.path)
    #expect(ending.status == 0 && home.exists("Documents/model.smodel"), "\(ending.errors)")
    let lines = ending.output.split(separator: "\n").map { $0.split(separator: " ") }
    try #require(lines.count == 2 && lines[1].count == 5, "\(ending.output)")
    #expect(lines[0] == ["maps", "true", "true"] && lines[1].starts(with: ["large", "true"]))
    let numbers = lines[1].dropFirst(2).compactMap { Double($0) }
    print("a model of \(Int(numbers[0])) bytes: \(numbers[1]) s to a file, \(numbers[2]) s back")
    #expect(numbers[0] > 2_500_000 && numbers[1] < 1.5 && numbers[2] < 1.5)
  }
}
