package import Diagnostics
package import Graphs
internal import Glibc
package import Kernels

/// What computes programs.
///
/// An engine takes a whole program, not single operations, so that it may
/// fuse, lay out and plan as it likes.
package enum Engine: String, CaseIterable, Sendable {
  #if ONEDNN
    /// oneDNN for contractions, vector loops for the rest, in float32.
    case onednn
  #endif
  /// The same with OpenBLAS for contractions: slower, and at hand everywhere.
  case openblas
  /// The reference evaluator, in Double: slow and right.
  case reference

  /// What computes if a configuration does not say: the fastest of this build.
  package static let standard = allCases[0]

  /// Makes results independent of the user's environment; belongs before the first thread.
  package static func settleEnvironment() {
    _ = instructionVariables
    OpenBLAS.settleEnvironment()
  }

  /// The variables that choose instructions for libraries, as the process found them, empty where they
  /// are not set.
  ///
  /// They change nothing here, but tell of hosts that were not set up alike.
  package static let instructionVariables: [(name: String, value: String)] = [
    "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA", "DNNL_CPU_ISA_HINTS", "ONEDNN_CPU_ISA_HINTS",
    "OPENBLAS_CORETYPE",
  ].map { name in (name, unsafe getenv(name).map { unsafe String(cString: $0) } ?? "") }

  /// The library that computes contractions, and what it uses of the processor.
  package var library: String {
    switch self {
    #if ONEDNN
      case .onednn: "oneDNN \(OneDNN.version) with \(OneDNN.instructions)"
    #endif
    case .openblas: (try? OpenBLAS.shared.kernels) ?? "no OpenBLAS"
    case .reference: "the reference engine"
    }
  }

  /// Compiles a program whose parameters stand in a flat vector; gradients have the same layout.
  ///
  /// All programs of a process are limited to the same instructions.
  package func prepare(
    _ program: Program, parameters: ParameterVector, isa: InstructionSet = .auto
  ) throws(Failure) -> any Executable {
    try isa.settle()
    try program.checkNumbers(onKernels: self != .reference)
    switch self {
    #if ONEDNN
      case .onednn:
        return try Plan(program, parameters: parameters, contractions: OneDNNContractions())
    #endif
    case .openblas:
      return try Plan(program, parameters: parameters, contractions: OpenBLASContractions())
    case .reference: return try ReferenceExecutable(program, parameters: parameters)
    }
  }
}

/// The parameters of a network, one after the other in a stretch of the vector of all parameters.
@safe package struct ParameterVector: @unchecked Sendable {
  package let start: UnsafeMutablePointer<Float>
  package let count: Int
  /// Shared by all plans of these parameters.
  package let packed: PackedWeights
  /// Of all parameters.
  private let layout: TensorLayout
  private let first: Int

  /// The elements `own`, or all, of parameters that begin at `start`; programs may read the others,
  /// too.
  ///
  /// Vectors of the same memory share what is packed.
  package init(
    start: UnsafeMutablePointer<Float>, layout: TensorLayout, own: Range<Int>? = nil,
    packed: PackedWeights = PackedWeights()
  ) {
    let own = own ?? 0..<layout.count
    unsafe self.start = start + own.lowerBound
    self.layout = layout
    self.packed = packed
    count = own.count
    first = own.lowerBound
  }

  /// Says that elements were written: plans pack these weights before they read them again.
  package func weightsChanged(_ elements: Range<Int>) {
    let start = unsafe UnsafePointer(start)
    unsafe packed.weightsChanged(start + elements.lowerBound..<start + elements.upperBound)
  }

  /// The same of all elements.
  package func weightsChanged() { weightsChanged(0..<count) }

  /// Where a parameter stands, counted from the first of the vector's own elements.
  func offset(of name: String) throws(Failure) -> Int {
    guard let tensor = layout[name] else {
      throw Failure(.internalError, "the program's parameter '\(name)' is not in the vector")
    }
    return tensor.offset - first
  }
}

/// A compiled program, bound to the weights of this process.
package protocol Executable: AnyObject, Sendable {
  /// Bytes that each worker needs to run it for so many shards at once.
  func arenaByteCount(shards: Int) -> Int

  /// How many shards a session takes at once, a power of two.
  var mostShards: Int { get }

  /// What is computed, in order, as text: equal on all ranks or something is wrong.
  var listing: String { get }

  /// What it does in detail, and where; nil if the engine does not plan.
  var description: PlanDescription? { get }

  /// Packs the weights that it reads and that have changed since they were packed, on all workers
  /// of the pool. Called before sessions run and once there is one, with a timeline for each worker
  /// or none.
  func packWeights(on pool: WorkerPool?, noting timelines: [Timeline])

  /// Makes what one worker needs to run the program in its arena, for a power of two of shards at once, each
  /// of so many samples.
  func makeSession(in arena: Arena, shards: Int, of samples: Int) throws(Failure) -> any Session
}

extension Executable {
  package var arenaByteCount: Int { arenaByteCount(shards: 1) }

  package func makeSession(in arena: Arena) throws(Failure) -> any Session {
    try makeSession(in: arena, shards: 1, of: 0)
  }

  package func packWeights(on pool: WorkerPool? = nil) { packWeights(on: pool, noting: []) }
}

/// Where a program meets one shard.
package protocol Ports: AnyObject {
  /// Where an input is to be written before a run; nil if the program does not use it.
  func input(_ name: String) -> UnsafeMutableRawPointer?

  /// Where an output that is not a gradient stands after a run, in the numbers of its type.
  func output(_ name: String) -> UnsafeRawPointer
}

/// A program, ready to run on one worker.
package protocol Session: AnyObject {
  var shards: [any Ports] { get }

  /// Has the times of what a run does noted from now on, or no longer.
  func observe(_ timeline: Timeline?)

  /// Runs the program once for each shard.
  ///
  /// - Parameters:
  ///   - random: where in the sequence of random numbers the first shard stands.
  ///   - gradient: where the sums of gradients over a balanced tree of the shards go, laid out as the
  ///     parameters.
  ///   - adding: whether they are added to what stands there, rounded as in a pass of its own.
  func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?, adding: Bool)

  /// Runs the program once and returns what its steps wrote, in digests.
  func digests(
    _ random: RandomPosition, gradient: UnsafeMutablePointer<Float>
  ) -> [ResultDigest]
}

/// What a step of a program wrote, as a number that tells whether it has the same bits elsewhere.
package struct ResultDigest: Equatable, Sendable {
  package let step: String
  package let digest: Digest

  package init(step: String, digest: Digest) {
    self.step = step
    self.digest = digest
  }
}

extension Session {
  /// Those of the first shard.
  package func input(_ name: String) -> UnsafeMutableRawPointer? { unsafe shards[0].input(name) }
  package func output(_ name: String) -> UnsafeRawPointer { unsafe shards[0].output(name) }

  package func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?) {
    unsafe run(random, gradient: gradient, adding: false)
  }
}
