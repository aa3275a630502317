internal import Diagnostics
internal import Randomness

/// How the samples of training files are divided into a training, a validation and a test set.
struct SplitSettings: Equatable, Sendable {
  enum Method: Equatable, Sendable {
    case random
    /// Each class has its share in each set.
    case stratified
    /// Samples with the same word in this column stay together.
    case group(column: String)
    /// This column names the set of each sample.
    case column(String)
    /// The last samples are held out, since samples follow each other.
    case end
  }

  var method = Method.random
  /// The share of what is no test set.
  var validation: Double?
  var test: Double?
  /// The test set, where it is one of several folds.
  var fold: Fold?
  /// The number of samples that are divided, the first ones; nil: all.
  var limit: Int?
  let seed: UInt64

  /// Part of a cache's key.
  var identity: String {
    func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }
    return "\nsplit \(method) validation \(text(validation)) test \(text(test)) "
      + "fold \(text(fold)) limit \(text(limit))\(isDrawn ? " seed \(seed)" : "")"
  }

  /// Whether the seed decides.
  private var isDrawn: Bool { if case .column = method { false } else { method != .end } }

  /// The sets that samples are divided into.
  private var sets: String {
    let held = [
      fold.map { "\($0.count) folds" }, test.map { _ in "a test set" },
      validation.map { _ in "a validation set" },
    ].compactMap(\.self)
    return (held + (fold == nil ? ["a training set"] : [])).joined(separator: ", ")
  }

  /// The fewest samples, classes' samples or groups that leave none of the sets empty.
  private var fewest: Int {
    let rest = validation == nil ? 1 : 2
    guard let fold else { return rest + (test == nil ? 0 : 1) }
    // The largest fold leaves the fewest.
    var count = fold.count
    while count - (count - 1) / fold.count - 1 < rest { count += 1 }
    return count
  }

  /// The set of each sample, as `keys` say which belong together; `source` names the samples.
  func parts(
    of count: Int, _ keys: SampleKeys? = nil, in source: String
  ) throws(Failure) -> [SamplePart] {
    let divided = min(limit ?? count, count)
    guard divided >= fewest else {
      throw Failure(
        .badData,
        "\(source): \(divided.grouped) \(divided == 1 ? "sample is" : "samples are") too few for "
          + "\(sets): expected at least \(fewest.grouped)")
    }
    var parts = [SamplePart](repeating: .training, count: count)
    for sample in divided..<count { parts[sample] = .none }
    let chosen: (test: [Int32], validation: [Int32])
    switch (method, keys) {
    case (.stratified, let keys?): chosen = try stratified(divided, keys, source)
    case (.group, let keys?): chosen = try grouped(divided, keys, source)
    default:
      let sets = divide(divided)
      chosen = (sets.test, sets.validation)
    }
    for sample in chosen.test { parts[Int(sample)] = .test }
    for sample in chosen.validation { parts[Int(sample)] = .validation }
    return parts
  }

  /// The order in which samples or groups are taken.
  private func order(of count: Int) -> [Int32] {
    Permutation(count: count, from: RandomStream(seed: seed, purpose: .split)).indices
  }

  /// The samples of each set, in any order, where none belong together.
  func divide(_ count: Int) -> (training: [Int32], test: [Int32], validation: [Int32]) {
    var rest =
      (method == .end ? Array((0..<Int32(count)).reversed()) : order(of: count))[...]
    var chosen: [Int32] = []
    if let fold {
      let places = fold.places(of: count)
      chosen = Array(rest[places])
      rest = rest[..<places.lowerBound] + rest[places.upperBound...]
    } else if let test {
      // A validation set needs two of the rest.
      let most = count - (validation == nil ? 1 : 2)
      chosen = Array(rest.prefix(min(most, Splits.heldOut(test, of: count))))
      rest = rest.dropFirst(chosen.count)
    }
    let held = validation.map { Splits.heldOut($0, of: rest.count) } ?? 0
    return (Array(rest.dropFirst(held)), chosen, Array(rest.prefix(held)))
  }

  // MARK: Classes

  private func stratified(
    _ count: Int, _ keys: SampleKeys, _ source: String
  ) throws(Failure) -> (test: [Int32], validation: [Int32]) {
    var classes = [[Int32]](repeating: [], count: keys.names.count)
    for sample in order(of: count) {
      // Without a class it is a training sample.
      if let number = keys.numbers[Int(sample)] { classes[number].append(sample) }
    }
    classes.removeAll(where: \.isEmpty)
    for members in classes where members.count < fewest {
      let name = keys.numbers[Int(members[0])].map { keys.names[$0] } ?? ""
      throw Failure(
        .badData,
        "\(source): the class '\(name)' has \(members.count) "
          + "\(members.count == 1 ? "sample" : "samples"), \(sets) with each class in each need at "
          + "least \(fewest): add samples, or leave split: stratified out")
    }
    var chosen: [Int32] = []
    if let fold {
      // Dealt out like cards, one class after the other: the folds have the same size, too.
      var place = 0
      for number in classes.indices {
        var rest: [Int32] = []
        for sample in classes[number] {
          if place % fold.count == fold.number - 1 {
            chosen.append(sample)
          } else {
            rest.append(sample)
          }
          place += 1
        }
        classes[number] = rest
      }
    } else if let test {
      chosen = take(test, from: &classes, leaving: validation == nil ? 1 : 2)
    }
    return (chosen, validation.map { take($0, from: &classes, leaving: 1) } ?? [])
  }

  /// Takes a share of each class by largest remainders, at least one sample of each, and leaves
  /// some.
  private func take(
    _ share: Double, from classes: inout [[Int32]], leaving least: Int
  ) -> [Int32] {
    let total = classes.reduce(0) { $0 + $1.count }
    let wanted = Splits.heldOut(share, of: total)
    let quotas = classes.map { Double(wanted) * Double($0.count) / Double(total) }
    var counts = zip(classes, quotas).map { max(1, min($0.count - least, Int($1))) }
    let byRemainder = classes.indices.sorted {
      (quotas[$1] - Double(counts[$1]), $0) < (quotas[$0] - Double(counts[$0]), $1)
    }
    var missing = wanted - counts.reduce(0, +)
    for number in byRemainder
    where missing > 0 && counts[number] < classes[number].count - least {
      counts[number] += 1
      missing -= 1
    }
    var taken: [Int32] = []
    for (number, count) in counts.enumerated() {
      taken += classes[number].prefix(count)
      classes[number].removeFirst(count)
    }
    return taken
  }

  // MARK: Groups

  private func grouped(
    _ count: Int, _ keys: SampleKeys, _ source: String
  ) throws(Failure) -> (test: [Int32], validation: [Int32]) {
    var groups = [[Int32]](repeating: [], count: keys.names.count)
    for sample in 0..<count {
      if let number = keys.numbers[sample] { groups[number].append(Int32(sample)) }
    }
    groups.removeAll(where: \.isEmpty)
    guard groups.count >= fewest else {
      throw Failure(
        .badData,
        "\(source): \(groups.count) \(groups.count == 1 ? "group is" : "groups are") too few for "
          + "\(sets) of whole groups: expected at least \(fewest)")
    }
    groups = order(of: groups.count).map { groups[Int($0)] }
    var chosen: [Int32] = []
    if let fold {
      chosen = takeGroups(of: fold, from: &groups)
      guard validation == nil || groups.count > 1 else {
        throw Failure(
          .badData,
          "\(source): fold \(fold) leaves one group, which cannot be a training and a validation "
            + "set: use fewer folds, or validation: test")
      }
    } else if let test {
      chosen = takeGroups(test, from: &groups, leaving: validation == nil ? 1 : 2)
    }
    return (chosen, validation.map { takeGroups($0, from: &groups, leaving: 1) } ?? [])
  }

  /// Takes the groups of a fold: the largest group first, each goes to the smallest fold.
  private func takeGroups(of fold: Fold, from groups: inout [[Int32]]) -> [Int32] {
    let bySize = groups.indices.sorted { (groups[$1].count, $0) < (groups[$0].count, $1) }
    var sizes = [Int](repeating: 0, count: fold.count)
    var taken: Set<Int> = []
    for group in bySize {
      guard let smallest = sizes.indices.min(by: { sizes[$0] < sizes[$1] }) else { continue }
      sizes[smallest] += groups[group].count
      if smallest == fold.number - 1 { taken.insert(group) }
    }
    return remove(taken, from: &groups)
  }

  /// Takes groups in order while they bring the number of samples closer to a share, at least one
  /// group, and leaves some.
  private func takeGroups(
    _ share: Double, from groups: inout [[Int32]], leaving least: Int
  ) -> [Int32] {
    let wanted = Splits.heldOut(share, of: groups.reduce(0) { $0 + $1.count })
    var (taken, count): (Set<Int>, Int) = ([], 0)
    for (number, group) in groups.enumerated()
    where groups.count - taken.count > least && 2 * count + group.count <= 2 * wanted {
      taken.insert(number)
      count += group.count
    }
    if taken.isEmpty, let smallest = groups.indices.min(by: { groups[$0].count < groups[$1].count })
    {
      taken = [smallest]
    }
    return remove(taken, from: &groups)
  }

  private func remove(_ taken: Set<Int>, from groups: inout [[Int32]]) -> [Int32] {
    defer { groups = groups.indices.filter { !taken.contains($0) }.map { groups[$0] } }
    return groups.indices.filter(taken.contains).flatMap { groups[$0] }
  }
}
