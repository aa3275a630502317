internal import CHDF5
internal import Diagnostics
internal import Glibc

/// The error of an HDF5 call.
struct HDF5Error: Error {
  let text: String
  /// The `errno` that caused the failure, 0 if there is none.
  let systemError: Int32

  /// Returns the error of the call that has just failed on this thread.
  ///
  /// The next call clears the error stack. The corresponding HDF5 function is `H5Ewalk2`.
  static func latest() -> HDF5Error {
    var stack: [String] = []
    unsafe withUnsafeMutablePointer(to: &stack) { stack in
      _ = unsafe H5Ewalk2(
        hid_t(H5E_DEFAULT), H5E_WALK_UPWARD,
        { _, entry, stack in
          if let entry = unsafe entry, let text = unsafe entry.pointee.desc,
            let stack = unsafe stack
          {
            let isOfMemory = unsafe chdf5_is_of_memory(entry) != 0
            unsafe stack.assumingMemoryBound(to: [String].self).pointee.append(
              isOfMemory ? "errno = \(ENOMEM)" : String(cString: text))
          }
          return 0
        }, UnsafeMutableRawPointer(stack))
    }
    for text in stack {
      if let number = systemError(in: text) {
        return HDF5Error(text: unsafe String(cString: strerror(number)), systemError: number)
      }
    }
    let cause = stack.first ?? "unknown error"
    let call = stack.last ?? cause
    return HDF5Error(text: call == cause ? cause : "\(call): \(cause)", systemError: 0)
  }

  /// Parses `..., errno = 28, error message = ...`.
  private static func systemError(in text: String) -> Int32? {
    guard let label = text.firstRange(of: "errno = ") else { return nil }
    return Int32(text[label.upperBound...].prefix { $0.isNumber })
  }
}

/// Returns the result of an HDF5 call, or throws if it is negative.
@discardableResult
func check<Result: SignedInteger>(_ result: Result) throws(HDF5Error) -> Result {
  if result < 0 { throw HDF5Error.latest() }
  return result
}
