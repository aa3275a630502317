import Configuration
import Diagnostics
import TestSupport
import Testing
import Training

/// Every key of the configuration, wrong in every way, is one line that says where and what.
///
/// The cases come from the table of settings itself, so a new key is tested from its first day.
@Suite struct SchemaTests {
  private static let record = RunConfiguration.record

  private static func wrong(_ values: @escaping (Kind) -> [Flow]) -> [SchemaCase] {
    SchemaCases(in: record) { key, record in
      values(key.kind).map { record.sample(with: [(key.name, $0)]) }
    }.all
  }

  private func refused(_ text: String) -> Failure? {
    do throws(Failure) {
      _ = try RunConfiguration(text: text, source: "x.yaml")
      return nil
    } catch {
      return error
    }
  }

  /// The line that refuses a configuration.
  private func refusal(
    _ configuration: Flow, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> String {
    let failure = try #require(
      refused(configuration.description), "accepted: \(configuration)",
      sourceLocation: sourceLocation)
    #expect(failure.code == .badConfiguration, "\(failure)", sourceLocation: sourceLocation)
    #expect(
      failure.message.wholeMatch(of: /x\.yaml:1:[0-9]+: [^\n]+/) != nil, "\(failure)",
      sourceLocation: sourceLocation)
    return failure.message
  }

  @Test func sampleIsAccepted() {
    let sample = Self.record.sample(with: [])
    #expect(refused(sample.description) == nil, "\(sample)")
  }

  /// Otherwise all other tests here could pass for want of cases.
  @Test func casesCoverTheLayersAndTheSections() {
    let paths = Set(Self.wrong(\.wrongTypes).map(\.path))
    for path in [
      "seed", "data.batch", "model.0.conv.padding", "optimizer.adam.beta1",
      "train.checkpoint.every",
    ] {
      #expect(paths.contains(path))
    }
    #expect(paths.count > 40)
  }

  @Test(arguments: wrong(\.wrongTypes))
  func wrongType(_ wrong: SchemaCase) throws {
    let message = try refusal(wrong.configuration)
    #expect(message.contains(wrong.path), "\(message)")
  }

  @Test(arguments: wrong(\.outOfRange))
  func outOfRange(_ wrong: SchemaCase) throws {
    let message = try refusal(wrong.configuration)
    #expect(message.contains("\(wrong.path): expected"), "\(message)")
  }

  @Test(
    arguments: SchemaCases(in: record) { key, record in
      [record.sample(with: [(key.name, key.kind.sample), (key.name, key.kind.sample)])]
    }.all)
  func givenTwice(_ wrong: SchemaCase) throws {
    let message = try refusal(wrong.configuration)
    #expect(message.contains("'\(wrong.key)'") && message.contains("x.yaml:1:"), "\(message)")
  }

  @Test(
    arguments: SchemaCases(in: record) { key, record in
      [record.sample(with: [("x\(key.name)", key.kind.sample)])]
    }.all)
  func misspelt(_ wrong: SchemaCase) throws {
    let message = try refusal(wrong.configuration)
    #expect(message.contains("unknown key 'x\(wrong.key)'"), "\(message)")
    // The nearest key may be another one, but there is always advice.
    #expect(message.contains("did you mean") || message.contains("known: "), "\(message)")
  }

  @Test(
    arguments: SchemaCases(in: record) { key, record in
      guard case .required = key.default, case .map(let entries) = record.sample(with: []) else {
        return []
      }
      return [.map(entries.filter { $0.key != key.name })]
    }.all)
  func missing(_ wrong: SchemaCase) throws {
    #expect(try refusal(wrong.configuration).contains("missing key '\(wrong.key)'"))
  }
}
