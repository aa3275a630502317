/// 3x3 convolution over channels-last maps, stride 1, same padding.
///
/// Channels are one, or a multiple of 16 taken in blocks of 16. The reduction index ascends in
/// (block, filter row, filter column, channel in the block); what lies in the padding is a factor 0.
struct ConvolutionShape {
  var samples, height, width, inputs, outputs: Int

  var inputCount: Int { samples * height * width * inputs }
  var outputCount: Int { samples * height * width * outputs }
  var filterCount: Int { 9 * inputs * outputs }
  var operations: Int { 2 * samples * height * width * filterCount }

  /// The convolution that takes gradients of the output to gradients of the input.
  var reversed: ConvolutionShape {
    var shape = self
    swap(&shape.inputs, &shape.outputs)
    return shape
  }

  /// Elements of one sample with a border of a pixel.
  var paddedCount: Int { (height + 2) * (width + 2) * inputs }
}

/// The kernels for one shape of tile; `block` is the number of channels in a block, 1 or 16.
enum ConvolutionTile<let rows: Int, let vectors: Int, let block: Int> {
  /// Also the input gradient, of the reversed shape with reversed weights.
  @inline(never)
  static func forward(
    _ shape: ConvolutionShape, _ output: UnsafeMutablePointer<Float>,
    _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (height, width, inputs, outputs) = (shape.height, shape.width, shape.inputs, shape.outputs)
    let columns = Tile<rows, vectors>.width
    let line = (width + 2) * block
    let run = 3 * block
    for sample in 0..<shape.samples {
      pad(shape, scratch, input + sample * height * width * inputs)
      for panel in 0..<outputs / columns {
        for y in 0..<height {
          let target = output + ((sample * height + y) * width) * outputs + panel * columns
          for start in stride(from: 0, to: width, by: rows) {
            // The last tile of a line overlaps the one before it rather than being smaller.
            let x = min(start, width - rows)
            var tile = Tile<rows, vectors>()
            var right = weights + panel * 9 * inputs * columns
            for plane in 0..<inputs / block {
              var left = UnsafePointer(scratch) + (plane * (height + 2) + y) * line + x * block
              for _ in 0..<3 {
                tile.add(
                  run, left: left, offset: { $0 &* block }, step: 1, right: right, step: columns)
                left += line
                right += run * columns
              }
            }
            tile.store(target + x * outputs, stride: outputs)
          }
        }
      }
    }
  }

  /// The gradient as rows (block, filter row, filter column, channel) of `outputs` elements.
  ///
  /// `rows` divides the three columns of a block, or is all 9 taps of a single channel.
  /// The chains run over samples and pixels; they rest in memory between bands of `band` lines.
  @inline(never)
  static func filterGradient(
    _ shape: ConvolutionShape, _ gradient: UnsafeMutablePointer<Float>,
    _ input: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, band: Int
  ) {
    let (height, width, inputs, outputs) = (shape.height, shape.width, shape.inputs, shape.outputs)
    let columns = Tile<rows, vectors>.width
    let line = (width + 2) * block
    let run = min(rows, 3 * block)
    gradient.update(repeating: 0, count: shape.filterCount)
    for sample in 0..<shape.samples {
      pad(shape, scratch, input + sample * height * width * inputs)
      for top in stride(from: 0, to: height, by: band) {
        let lines = min(band, height - top)
        for panel in stride(from: 0, to: outputs, by: columns) {
          for first in stride(from: 0, to: 9 * inputs, by: rows) {
            let (filterLine, place) = first.quotientAndRemainder(dividingBy: 3 * block)
            let sums = gradient + first * outputs + panel
            var tile = Tile<rows, vectors>(sums, stride: outputs)
            var left = UnsafePointer(scratch)
              + (filterLine / 3 * (height + 2) + filterLine % 3 + top) * line + place
            var right = outputGradient + (sample * height + top) * width * outputs + panel
            for _ in 0..<lines {
              tile.add(
                width, left: left, offset: { $0 / run &* line &+ $0 % run }, step: block,
                right: right, step: outputs)
              left += line
              right += width * outputs
            }
            tile.store(sums, stride: outputs)
          }
        }
      }
    }
  }

  /// Copies a sample into planes of `block` channels with a border, which stays zero.
  @inline(__always)
  private static func pad(
    _ shape: ConvolutionShape, _ planes: UnsafeMutablePointer<Float>, _ sample: UnsafePointer<Float>
  ) {
    let (height, width, inputs) = (shape.height, shape.width, shape.inputs)
    for plane in 0..<inputs / block {
      for y in 0..<height {
        let to = planes + ((plane * (height + 2) + y + 1) * (width + 2) + 1) * block
        let from = sample + y * width * inputs + plane * block
        if block == 1 {
          for x in 0..<width { to[x] = from[x] }
        } else {
          for x in 0..<width { to.set(from.lanes(at: x &* inputs), at: x &* block) }
        }
      }
    }
  }
}
