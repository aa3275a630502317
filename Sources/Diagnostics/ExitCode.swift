/// The exit statuses of `nn-dist`, numbered as in `sysexits.h` where that has a number.
///
/// They pass through `mpirun` unchanged when every rank leaves with the same one.
package enum ExitCode: Int32, Sendable, CaseIterable {
  case done = 0
  case usage = 64
  case badData = 65
  case noInput = 66
  case internalError = 70
  case outOfMemory = 71
  case cannotCreate = 73
  case inputOutput = 74
  case stoppedOnRequest = 75
  case disagreement = 76
  case noPermission = 77
  case badConfiguration = 78
  case notFinite = 79
}
