internal import CElementwise
internal import CTiles

extension BlockedAttention {
  /// What the gradients are computed from beside the operands: the results, and the gradient of y.
  @safe package struct Saved {
    let y, logarithms, g: UnsafePointer<Float>

    package init(
      y: UnsafePointer<Float>, logarithms: UnsafePointer<Float>, g: UnsafePointer<Float>
    ) { unsafe (self.y, self.logarithms, self.g) = (y, logarithms, g) }
  }

  private var lineCount: Int { extents.queries * padded }

  /// Floats of scratch memory for the gradients.
  package var gradientScratchCount: Int {
    3 * panelCount + 2 * lineCount + 3 * Self.weightCount + Self.blockRows
  }

  /// Writes the gradients by q, k and v; results that are nil are not computed.
  ///
  /// The weights of a block are computed again from the logarithms of the sums.
  package func gradients(
    q dq: UnsafeMutablePointer<Float>?, k dk: UnsafeMutablePointer<Float>?,
    v dv: UnsafeMutablePointer<Float>?, _ x: Operands, _ saved: Saved,
    scratch: UnsafeMutablePointer<Float>, draws: Draws
  ) {
    unsafe dq?.update(repeating: 0, count: extents.queryCount)
    unsafe dk?.update(repeating: 0, count: extents.keyCount)
    unsafe dv?.update(repeating: 0, count: extents.keyCount)
    let keyColumns = unsafe scratch
    let valueColumns = unsafe keyColumns + panelCount
    let keyLines = unsafe valueColumns + panelCount
    let queryLines = unsafe keyLines + panelCount
    let gradientLines = unsafe queryLines + lineCount
    let scores = unsafe gradientLines + lineCount
    let slopes = unsafe scores + Self.weightCount
    let factors = unsafe slopes + Self.weightCount
    let along = unsafe factors + Self.weightCount
    for sample in 0..<extents.samples {
      let seen = seen(x, sample)
      if seen == 0 { continue }
      for group in 0..<extents.groups {
        unsafe packColumns(x.k, nil, sample, group, seen, to: keyColumns)
        unsafe packColumns(x.v, nil, sample, group, seen, to: valueColumns)
        unsafe packLines(x.k, nil, sample, group, seen, to: keyLines)
        for head in heads(of: group) {
          unsafe packQueries(x.q, sample, head, to: queryLines)
          unsafe packQueries(saved.g, sample, head, to: gradientLines)
          for block in blocks(seen) {
            let place = row(sample, block.first, head)
            var rows = unsafe attention_rows(
              y: UnsafeMutablePointer(mutating: saved.y + place), rows: block.rows,
              size: extents.size, stride: extents.headStride, logarithms: nil, logarithmStride: 0)
            unsafe attention_along(&rows, saved.g + place, along)
            for keys in block.keys {
              for rows in block.steps(keys) {
                let (from, keys) = (rows.lowerBound - block.first, block.keys(keys, of: rows))
                let place = row(sample, rows.lowerBound, head)
                let (scores, slopes) = unsafe (
                  scores + from * Self.blockKeys, slopes + from * Self.blockKeys
                )
                unsafe multiply(x.q + place, by: keyColumns, rows, keys, to: scores)
                unsafe multiply(saved.g + place, by: valueColumns, rows, keys, to: slopes)
                let kept = unsafe keep(factors, sample, head, rows, keys, draws)
                var step = unsafe step(scores, kept, rows, keys)
                unsafe attention_slopes(
                  &step, slopes, saved.logarithms + place / extents.size, extents.heads,
                  along + from)
                guard let dq = unsafe dq else { continue }
                unsafe add(
                  to: dq + place, stride: extents.headStride, slopes, row: Self.blockKeys, line: 1,
                  keyLines, lines: keys, of: seen, rows: rows.count)
              }
              for share in block.shares(keys) {
                let rows = block.rows(of: share)
                let from =
                  (rows.lowerBound - block.first) * Self.blockKeys + share.lowerBound
                  - keys.lowerBound
                let place =
                  (sample * extents.keys + share.lowerBound) * extents.groupStride
                  + group * extents.size
                func add(
                  _ weights: UnsafePointer<Float>, _ lines: UnsafePointer<Float>,
                  to result: UnsafeMutablePointer<Float>?
                ) {
                  guard let result = unsafe result else { return }
                  unsafe self.add(
                    to: result + place, stride: extents.groupStride,
                    weights + from, row: 1, line: Self.blockKeys, lines, lines: rows,
                    of: extents.queries,
                    rows: share.count)
                }
                unsafe add(slopes, queryLines, to: dk)
                unsafe add(scores, gradientLines, to: dv)
              }
            }
          }
        }
      }
    }
  }

  /// Packs the rows of a head as lines.
  private func packQueries(
    _ source: UnsafePointer<Float>, _ sample: Int, _ head: Int,
    to panels: UnsafeMutablePointer<Float>
  ) {
    let shape = Panels(columns: extents.size, inner: extents.queries)
    unsafe shape.pack(
      0..<shape.vectors, ofLines: source + row(sample, 0, head), stride: extents.headStride,
      to: panels)
  }
}
