/// How the next token is drawn from the scores of all tokens.
///
/// The settings apply in this order: penalty, temperature, top-k, top-p.
package struct TokenChoice: Equatable, Sendable {
  /// Divides the scores; at 0 the most probable token is taken.
  package var temperature: Double
  /// Draws from this number of the most probable tokens.
  package var topK: Int?
  /// Draws from the fewest most probable tokens that have this probability together.
  package var topP: Double?
  /// Divides positive scores of the tokens so far and multiplies negative ones (Keskar and others
  /// 2019).
  package var repetitionPenalty: Double

  package init(
    temperature: Double = 1, topK: Int? = nil, topP: Double? = nil, repetitionPenalty: Double = 1
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.repetitionPenalty = repetitionPenalty
  }
}
