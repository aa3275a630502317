/// The class or the group of each sample, numbered in the order in which they occur.
struct SampleKeys {
  /// Nil for a sample without any.
  private(set) var numbers: [Int?] = []
  private(set) var names: [String] = []
  private var known: [String: Int] = [:]

  mutating func add(_ name: String?) {
    guard let name else { return numbers.append(nil) }
    let number = known[name] ?? names.count
    if number == names.count {
      known[name] = number
      names.append(name)
    }
    numbers.append(number)
  }
}
