/// 3x3 convolution over channels-last maps, stride 1, same padding.
///
/// Channels are one, or a multiple of 16 taken in blocks of 16. The reduction index ascends in
/// (block, filter line, filter column, channel in the block). Filter lines outside the map are left
/// out of a chain; columns outside are factors 0.
struct ConvolutionShape {
  var samples, height, width, inputs, outputs: Int

  var inputCount: Int { samples * height * width * inputs }
  var outputCount: Int { samples * height * width * outputs }
  var filterCount: Int { 9 * inputs * outputs }
  /// As usually counted, with those that meet the padding.
  var operations: Int { 2 * samples * height * width * filterCount }

  /// The convolution that takes gradients of the output to gradients of the input.
  var reversed: ConvolutionShape {
    var shape = self
    swap(&shape.inputs, &shape.outputs)
    return shape
  }

  /// Elements of one sample with a pixel more at both ends of each line.
  var paddedCount: Int { height * (width + 2) * inputs }
}

/// The kernels for one shape of tile; `block` is the number of channels in a block, 1 or 16.
enum ConvolutionTile<let rows: Int, let vectors: Int, let block: Int> {
  /// The output; or the input gradient, of the reversed shape with reversed weights.
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
          let filterLines = max(0, 1 - y)..<min(3, height + 1 - y)
          let target = output + (sample * height + y) * width * outputs + panel * columns
          for start in stride(from: 0, to: width, by: rows) {
            // The last tile of a line overlaps the one before it rather than being smaller.
            let x = min(start, width - rows)
            var tile = Tile<rows, vectors>()
            for plane in 0..<inputs / block {
              for filterLine in filterLines {
                tile.add(
                  run,
                  left: scratch + (plane * height + y + filterLine - 1) * line + x * block,
                  offset: { $0 &* block }, step: 1,
                  right: weights
                    + ((panel * (inputs / block) + plane) * 3 + filterLine) * run * columns,
                  step: columns)
              }
            }
            tile.store(target + x * outputs, stride: outputs)
          }
        }
      }
    }
  }

  /// The gradient as `outputs` lines of (block, filter line, filter column, channel).
  ///
  /// The lanes lie along the columns and channels of a filter line, since those are three vectors
  /// also where there are only 16 outputs; `vectors` is 3 or 1. The chains run over samples and
  /// pixels; they rest in memory between samples.
  @inline(never)
  static func filterGradient(
    _ shape: ConvolutionShape, _ gradient: UnsafeMutablePointer<Float>,
    _ input: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (height, width, inputs, outputs) = (shape.height, shape.width, shape.inputs, shape.outputs)
    let line = (width + 2) * block
    gradient.update(repeating: 0, count: shape.filterCount)
    for sample in 0..<shape.samples {
      pad(shape, scratch, input + sample * height * width * inputs)
      for first in stride(from: 0, to: 9 * inputs, by: Tile<rows, vectors>.width) {
        let (filterLine, place) = first.quotientAndRemainder(dividingBy: 3 * block)
        let (plane, shift) = (filterLine / 3, filterLine % 3 - 1)
        for output in stride(from: 0, to: outputs, by: rows) {
          let sums = gradient + output * 9 * inputs + first
          var tile = Tile<rows, vectors>(sums, stride: 9 * inputs)
          for y in max(0, -shift)..<min(height, height - shift) {
            tile.add(
              width, left: outputGradient + (sample * height + y) * width * outputs + output,
              offset: { $0 }, step: outputs,
              right: scratch + (plane * height + y + shift) * line + place, step: block)
          }
          tile.store(sums, stride: 9 * inputs)
        }
      }
    }
  }

  /// The filter gradient of a single channel, as nine lines of `outputs`.
  ///
  /// The taps together are enough chains to keep the arithmetic units busy. The first and the last
  /// line of the map each miss three of them.
  @inline(never)
  static func singleChannelFilterGradient(
    _ shape: ConvolutionShape, _ gradient: UnsafeMutablePointer<Float>,
    _ input: UnsafePointer<Float>, _ outputGradient: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (height, width, outputs) = (shape.height, shape.width, shape.outputs)
    let line = width + 2
    gradient.update(repeating: 0, count: shape.filterCount)
    for sample in 0..<shape.samples {
      pad(shape, scratch, input + sample * height * width)
      for panel in stride(from: 0, to: outputs, by: 16) {
        @inline(__always)
        func pass<let taps: Int>(_: Tile<taps, 1>.Type, _ lines: Range<Int>, shift: Int) {
          let sums = gradient + (shift + 1) * 3 * outputs + panel
          var tile = Tile<taps, 1>(sums, stride: outputs)
          for y in lines {
            tile.add(
              width, left: scratch + (y + shift) * line,
              offset: { $0 / 3 &* line &+ $0 % 3 }, step: 1,
              right: outputGradient + (sample * height + y) * width * outputs + panel,
              step: outputs)
          }
          tile.store(sums, stride: outputs)
        }
        pass(Tile<6, 1>.self, 0..<1, shift: 0)
        pass(Tile<9, 1>.self, 1..<height - 1, shift: -1)
        pass(Tile<6, 1>.self, height - 1..<height, shift: -1)
      }
    }
  }

  /// Copies a sample into planes of `block` channels; the ends of the lines stay zero.
  @inline(__always)
  private static func pad(
    _ shape: ConvolutionShape, _ planes: UnsafeMutablePointer<Float>, _ sample: UnsafePointer<Float>
  ) {
    let (height, width, inputs) = (shape.height, shape.width, shape.inputs)
    for plane in 0..<inputs / block {
      for y in 0..<height {
        let to = planes + ((plane * height + y) * (width + 2) + 1) * block
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
