package import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test whose data are not on this machine.
  ///
  /// `.ci/test` knows the words and fails for a test that is skipped for any other reason.
  package static func data(_ name: String, areHere: Bool) -> Self {
    .enabled(if: areHere, "data not here: \(name)")
  }
}
