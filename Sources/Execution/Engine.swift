package import Diagnostics
package import Graphs
internal import Kernels

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
  package static func settleEnvironment() { OpenBLAS.settleEnvironment() }

  /// Compiles a program whose parameters stand in a flat vector; gradients have the same layout.
  package func prepare(
    _ program: Program, parameters: ParameterVector
  ) throws(Failure) -> any Executable {
    switch self {
    #if ONEDNN
      case .onednn:
        try Plan(program, parameters: parameters, contractions: OneDNNContractions())
    #endif
    case .openblas:
      try Plan(program, parameters: parameters, contractions: OpenBLASContractions())
    case .reference: try ReferenceExecutable(program, parameters: parameters)
    }
  }
}

/// The parameters of a network, one after the other in one vector without gaps.
@safe package struct ParameterVector: @unchecked Sendable {
  package let start: UnsafeMutablePointer<Float>
  package let count: Int
  private let offsets: [String: Int]

  package init(
    start: UnsafeMutablePointer<Float>, count: Int, offsets: [(name: String, offset: Int)]
  ) {
    unsafe self.start = start
    self.count = count
    self.offsets = Dictionary(uniqueKeysWithValues: offsets.map { ($0.name, $0.offset) })
  }

  func offset(of name: String) throws(Failure) -> Int {
    guard let offset = offsets[name] else {
      throw Failure(.internalError, "the program's parameter '\(name)' is not in the vector")
    }
    return offset
  }
}

/// A compiled program, bound to the weights of this process.
package protocol Executable: AnyObject, Sendable {
  /// Bytes that each worker needs to run it.
  var arenaByteCount: Int { get }

  /// Bytes that all workers share, besides the parameters.
  var sharedByteCount: Int { get }

  /// What is computed, in order, as text: equal on all ranks or something is wrong.
  var listing: String { get }

  /// What it does in detail, and where; nil if the engine does not plan.
  var description: PlanDescription? { get }

  /// Has times of `refresh` noted from now on, or no longer.
  func observe(_ timeline: Timeline?)

  /// Follows a change of the weights. Called once a step, before any session runs.
  func refresh()

  /// Makes what one worker needs to run the program in its arena.
  func makeSession(in arena: Arena) throws(Failure) -> any Session
}

/// A program, ready to run on one worker.
package protocol Session: AnyObject {
  /// Where an input is to be written before a run; nil if the program does not use it.
  func input(_ name: String) -> UnsafeMutableRawPointer?

  /// Where an output that is not a gradient stands after a run, in the numbers of its type.
  func output(_ name: String) -> UnsafeRawPointer

  /// Has the times of what a run does noted from now on, or no longer.
  func observe(_ timeline: Timeline?)

  /// Runs the program once.
  ///
  /// - Parameters:
  ///   - random: where in the sequence of random numbers this run stands.
  ///   - gradient: where gradients go, laid out as the parameters.
  ///   - adding: whether they are added to what stands there, rounded as in a pass of its own.
  func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?, adding: Bool)
}

extension Session {
  package func run(_ random: RandomPosition, gradient: UnsafeMutablePointer<Float>?) {
    unsafe run(random, gradient: gradient, adding: false)
  }
}
