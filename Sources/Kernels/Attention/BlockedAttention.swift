internal import CElementwise
internal import CTiles

/// Scaled dot-product attention in blocks of queries and keys, which stay in the first caches (Dao
/// and others 2022): memory is linear in the number of steps.
///
/// Blocks of keys begin at key 0 and hidden keys have weights of 0, so a row has the same bits with
/// more keys behind those that it sees, and beside other rows.
@safe package struct BlockedAttention: Sendable {
  /// `[samples, queries, heads, size]` and `[samples, keys, groups, size]`: the extents of queries
  /// and keys.
  package struct Extents: Sendable {
    let samples, queries, keys, heads, groups, size: Int

    package init(samples: Int, queries: Int, keys: Int, heads: Int, groups: Int, size: Int) {
      (self.samples, self.queries, self.keys) = (samples, queries, keys)
      (self.heads, self.groups, self.size) = (heads, groups, size)
    }

    /// Floats from one row of a head, or of a group of keys, to the next.
    var headStride: Int { heads * size }
    var groupStride: Int { groups * size }
    var queryCount: Int { samples * queries * heads * size }
    var keyCount: Int { samples * keys * groups * size }
  }

  /// Where operands stand.
  @safe package struct Operands {
    let q, k, v: UnsafePointer<Float>
    /// Keys and values of one step, which follows those that were kept.
    let own: (k: UnsafePointer<Float>, v: UnsafePointer<Float>)?
    /// How many keys of each sample are seen; all if it is nil.
    let counts: UnsafePointer<Int32>?

    package init(
      q: UnsafePointer<Float>, k: UnsafePointer<Float>, v: UnsafePointer<Float>,
      own: (k: UnsafePointer<Float>, v: UnsafePointer<Float>)? = nil,
      counts: UnsafePointer<Int32>?
    ) {
      unsafe (self.q, self.k, self.v) = (q, k, v)
      unsafe (self.own, self.counts) = (own, counts)
    }
  }

  /// Writes random numbers of a sample from a place on, which counts the elements of its weights
  /// `[heads, queries, keys]`.
  package typealias Draws = (
    _ sample: Int, _ first: Int, _ numbers: UnsafeMutableBufferPointer<Float>
  ) -> Void

  let extents: Extents
  let scale: Float
  private let isCausal: Bool
  /// The share of weights that are dropped.
  private let rate: Float?

  package init(_ extents: Extents, scale: Double, isCausal: Bool, rate: Double? = nil) {
    self.extents = extents
    self.scale = Float(scale)
    self.isCausal = isCausal
    self.rate = rate.map { Float($0) }
  }

  /// The queries and keys of a block: a divisor of `blockKeys`, and a multiple of `stepRows`.
  static let blockRows = 64
  static let blockKeys = 64
  /// The rows, of a block in which some see more keys than others, that are computed together.
  fileprivate static let stepRows = 16

  /// The size of a head in whole vectors.
  var padded: Int { (extents.size + Panels.lanes - 1) / Panels.lanes * Panels.lanes }
  /// Floats of a matrix of a block's weights, and of packed keys or values.
  static let weightCount = blockRows * blockKeys
  var panelCount: Int {
    (extents.keys + Panels.lanes - 1) / Panels.lanes * Panels.lanes * padded
  }

  /// Floats of scratch memory.
  package var scratchCount: Int {
    2 * panelCount + 2 * Self.weightCount + Self.blockRows * (padded + 2)
  }

  /// Writes the means of values and the logarithms of the sums of powers of scores; results that
  /// are nil are not written.
  package func run(
    _ y: UnsafeMutablePointer<Float>, logarithms: UnsafeMutablePointer<Float>?, _ x: Operands,
    scratch: UnsafeMutablePointer<Float>, draws: Draws
  ) {
    let packedKeys = unsafe scratch
    let packedValues = unsafe scratch + panelCount
    let scores = unsafe packedValues + panelCount
    let kept = unsafe scores + Self.weightCount
    let values = unsafe kept + Self.weightCount
    let maxima = unsafe values + Self.blockRows * padded
    let sums = unsafe maxima + Self.blockRows
    for sample in 0..<extents.samples {
      let seen = seen(x, sample)
      if seen == 0 {
        let count = extents.queries * extents.headStride
        unsafe (y + sample * count).update(repeating: 0, count: count)
        let rows = extents.queries * extents.heads
        unsafe logarithms.map { unsafe $0 + sample * rows }?.update(repeating: -1e30, count: rows)
        continue
      }
      let own = unsafe own(x, sample)
      for group in 0..<extents.groups {
        unsafe packColumns(x.k, own?.k, sample, group, seen, to: packedKeys)
        unsafe packLines(x.v, own?.v, sample, group, seen, to: packedValues)
        for head in heads(of: group) {
          for block in blocks(seen) {
            let place = row(sample, block.first, head)
            unsafe values.update(repeating: 0, count: block.rows * padded)
            unsafe maxima.update(repeating: -.infinity, count: Self.blockRows)
            unsafe sums.update(repeating: 0, count: Self.blockRows)
            for keys in block.keys {
              for rows in block.steps(keys) {
                let (from, keys) = (rows.lowerBound - block.first, block.keys(keys, of: rows))
                let (values, maxima) = unsafe (values + from * padded, maxima + from)
                unsafe multiply(
                  x.q + row(sample, rows.lowerBound, head), by: packedKeys, rows, keys, to: scores)
                let kept = unsafe keep(kept, sample, head, rows, keys, draws)
                var step = unsafe step(scores, kept, rows, keys)
                unsafe attention_weights(&step, maxima, sums + from, values, padded)
                unsafe add(
                  to: values, stride: padded, columns: padded, scores, row: Self.blockKeys, line: 1,
                  packedValues, lines: keys, of: seen, rows: rows.count)
              }
            }
            let number = (sample * extents.queries + block.first) * extents.heads + head
            var rows = unsafe attention_rows(
              y: y + place, rows: block.rows, size: extents.size, stride: extents.headStride,
              logarithms: logarithms.map { unsafe $0 + number }, logarithmStride: extents.heads)
            unsafe attention_means(&rows, values, sums, maxima)
          }
        }
      }
    }
  }

  // MARK: Blocks

  /// Some queries, and the number of keys that one of them sees.
  struct Block {
    let first: Int
    let end: Int
    let seen: Int
    let isCausal: Bool

    var rows: Int { end - first }

    /// The blocks of keys, in turn.
    var keys: RangeParts {
      RangeParts(0..<seen, by: BlockedAttention.blockKeys)
    }

    /// The rows that are computed together with a block of keys: all if all of them see all of it,
    /// else a few, each time with the keys that they see.
    func steps(_ keys: Range<Int>) -> RangeParts {
      RangeParts(first..<end, by: isWhole(keys) ? rows : BlockedAttention.stepRows)
    }

    /// The keys of a block that some of the rows see.
    func keys(_ keys: Range<Int>, of rows: Range<Int>) -> Range<Int> {
      isCausal ? keys.lowerBound..<min(keys.upperBound, rows.upperBound) : keys
    }

    /// The keys of a block whose gradients are computed together, and the rows that see some of
    /// them.
    func shares(_ keys: Range<Int>) -> RangeParts {
      RangeParts(keys, by: isWhole(keys) ? keys.count : BlockedAttention.stepRows)
    }

    func rows(of keys: Range<Int>) -> Range<Int> {
      isCausal ? max(first, keys.lowerBound)..<max(end, keys.lowerBound) : first..<end
    }

    /// Whether all rows see all of some keys.
    private func isWhole(_ keys: Range<Int>) -> Bool { !isCausal || keys.upperBound <= first + 1 }
  }

  func blocks(_ seen: Int) -> some Sequence<Block> {
    RangeParts(0..<extents.queries, by: Self.blockRows).lazy.map { rows in
      Block(
        first: rows.lowerBound, end: rows.upperBound,
        seen: isCausal ? min(seen, rows.upperBound) : seen, isCausal: isCausal)
    }
  }

  func heads(of group: Int) -> Range<Int> {
    let share = extents.heads / extents.groups
    return group * share..<(group + 1) * share
  }

  /// How many keys of a sample are seen.
  func seen(_ x: Operands, _ sample: Int) -> Int {
    guard let counts = unsafe x.counts else { return extents.keys }
    let own = unsafe x.own == nil ? 0 : 1
    return unsafe min(max(0, Int(counts[sample]) + own), extents.keys)
  }

  /// The own key and value of a sample, if there is a place for them.
  private func own(
    _ x: Operands, _ sample: Int
  ) -> (k: UnsafePointer<Float>, v: UnsafePointer<Float>)? {
    guard let own = unsafe x.own, let counts = unsafe x.counts, unsafe counts[sample] < extents.keys
    else { return nil }
    let place = sample * extents.groupStride
    return unsafe (own.k + place, own.v + place)
  }

  // MARK: Steps

  /// Where a query's row of a head stands.
  func row(_ sample: Int, _ query: Int, _ head: Int) -> Int {
    (sample * extents.queries + query) * extents.headStride + head * extents.size
  }

  /// Products of rows of a head and some packed columns.
  @inline(__always)
  func multiply(
    _ left: UnsafePointer<Float>, by columns: UnsafePointer<Float>, _ rows: Range<Int>,
    _ keys: Range<Int>, to products: UnsafeMutablePointer<Float>
  ) {
    let width = (keys.count + Panels.lanes - 1) / Panels.lanes * Panels.lanes
    let size = extents.size
    var product = unsafe tiles_product_t(
      products, left, row: extents.headStride, line: 1,
      (columns + keys.lowerBound * size, Panels.lanes * size), rest: nil, adds: false,
      rows: rows.count, columns: width, inner: size, stride: Self.blockKeys)
    unsafe tiles_product(&product)
  }

  /// Adds the product of weights and some lines, of so many that are packed.
  @inline(__always)
  func add(
    to result: UnsafeMutablePointer<Float>, stride: Int, columns: Int? = nil,
    _ weights: UnsafePointer<Float>, row: Int, line: Int, _ panels: UnsafePointer<Float>,
    lines: Range<Int>, of all: Int, rows: Int
  ) {
    let columns = columns ?? extents.size
    let (vector, whole) = (all * Panels.lanes, columns / Panels.lanes)
    let first = unsafe panels + lines.lowerBound * Panels.lanes
    var product = unsafe tiles_product_t(
      result, weights, row: row, line: line, (first, vector),
      rest: columns % Panels.lanes == 0 ? nil : first + whole * vector, rows: rows,
      columns: columns, inner: lines.count, stride: stride)
    unsafe tiles_product(&product)
  }

  func step(
    _ scores: UnsafeMutablePointer<Float>, _ kept: UnsafePointer<Float>?, _ rows: Range<Int>,
    _ keys: Range<Int>
  ) -> attention_block {
    let seen = isCausal ? rows.lowerBound + 1 - keys.lowerBound : keys.count
    return unsafe attention_block(
      scores: scores, kept: kept, rows: rows.count, columns: keys.count, stride: Self.blockKeys,
      seen: seen, more: isCausal ? 1 : 0, scale: scale)
  }

  /// Draws which weights of a step are kept: factors for them; nil if all are.
  @inline(__always)
  func keep(
    _ factors: UnsafeMutablePointer<Float>, _ sample: Int, _ head: Int, _ rows: Range<Int>,
    _ keys: Range<Int>, _ draws: Draws
  ) -> UnsafePointer<Float>? {
    guard let rate else { return nil }
    let factor = Float(1 / (1 - Double(rate)))
    for row in rows {
      let numbers = unsafe UnsafeMutableBufferPointer(
        start: factors + (row - rows.lowerBound) * Self.blockKeys, count: keys.count)
      let first = (head * extents.queries + row) * extents.keys + keys.lowerBound
      unsafe draws(sample, first, numbers)
      for i in numbers.indices { unsafe numbers[i] = rate <= numbers[i] ? factor : 0 }
    }
    return unsafe UnsafePointer(factors)
  }

  // MARK: Packing

  /// Packs the seen rows of a group as columns, and the own row behind those that were kept.
  func packColumns(
    _ source: UnsafePointer<Float>, _ own: UnsafePointer<Float>?, _ sample: Int, _ group: Int,
    _ seen: Int, to panels: UnsafeMutablePointer<Float>
  ) {
    let (size, lanes) = (extents.size, Panels.lanes)
    let shape = Panels(columns: seen, inner: size)
    let from = sample * extents.keys * extents.groupStride + group * size
    unsafe shape.pack(
      0..<shape.vectors, of: source + from, stride: extents.groupStride, to: panels)
    guard let own = unsafe own.map({ unsafe $0 + group * size }) else { return }
    let place = (seen - 1) / lanes * lanes * size + (seen - 1) % lanes
    for i in 0..<size { unsafe panels[place + i * lanes] = own[i] }
  }

  /// Packs the seen rows of a group as lines.
  func packLines(
    _ source: UnsafePointer<Float>, _ own: UnsafePointer<Float>?, _ sample: Int, _ group: Int,
    _ seen: Int, to panels: UnsafeMutablePointer<Float>
  ) {
    let (size, lanes) = (extents.size, Panels.lanes)
    let shape = Panels(columns: size, inner: seen)
    let from = sample * extents.keys * extents.groupStride + group * size
    unsafe shape.pack(
      0..<shape.vectors, ofLines: source + from, stride: extents.groupStride, to: panels)
    guard let own = unsafe own.map({ unsafe $0 + group * size }) else { return }
    for i in 0..<size {
      unsafe panels[i / lanes * shape.vectorStride + (seen - 1) * lanes + i % lanes] = own[i]
    }
  }
}

/// The parts of a range, each of so many elements but for the last.
struct RangeParts: Sequence, IteratorProtocol {
  private var rest: Range<Int>
  private let count: Int

  init(_ all: Range<Int>, by count: Int) { (rest, self.count) = (all, count) }

  mutating func next() -> Range<Int>? {
    guard !rest.isEmpty else { return nil }
    let part = rest.lowerBound..<Swift.min(rest.lowerBound + count, rest.upperBound)
    rest = part.upperBound..<rest.upperBound
    return part
  }
}

extension tiles_product_t {
  /// A product of a matrix, whose rows and lines are so far apart, and panels, whose vectors are so
  /// far apart: added to the result, or in its place.
  init(
    _ result: UnsafeMutablePointer<Float>,
    _ left: UnsafePointer<Float>, row: Int, line: Int,
    _ right: (start: UnsafePointer<Float>, vector: Int), rest: UnsafePointer<Float>?,
    adds: Bool = true, rows: Int, columns: Int, inner: Int, stride: Int
  ) {
    unsafe self.init(
      result: result, left: left, right: right.start, rest: rest,
      addend: adds ? UnsafePointer(result) : nil, rows: rows, columns: columns, inner: inner,
      resultRow: stride, addendRow: adds ? stride : 0, leftRow: row, leftStep: line,
      groups: nil, addendNumbers: nil, rightVector: right.vector, rightStep: Panels.lanes,
      leftRows: nil, leftLines: nil, appliesReLU: false)
  }
}
