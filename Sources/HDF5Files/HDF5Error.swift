internal import CHDF5
internal import Diagnostics
internal import Glibc

/// What the HDF5 library says about the call that just failed on this thread.
struct HDF5Error: Error {
  let text: String
  /// The system's error number behind the failure, 0 if there is none.
  let systemError: Int32

  /// Reads the library's error stack, which the next call of the library clears.
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

  /// The number in `..., errno = 28, error message = ...`.
  private static func systemError(in text: String) -> Int32? {
    guard let label = text.firstRange(of: "errno = ") else { return nil }
    return Int32(text[label.upperBound...].prefix { $0.isNumber })
  }
}

/// The identifier or count that an HDF5 call returned, unless it is the negative sign of failure.
@discardableResult
func check<Result: SignedInteger>(_ result: Result) throws(HDF5Error) -> Result {
  if result < 0 { throw HDF5Error.latest() }
  return result
}

/// The text that an HDF5 call writes into a buffer, asked for its length first.
func readText(
  _ call: (UnsafeMutablePointer<CChar>?, Int) -> Int
) throws(HDF5Error) -> String {
  let count = try check(call(nil, 0))
  var bytes = Array(repeating: CChar(0), count: count + 1)
  try unsafe check(call(&bytes, bytes.count))
  return String(path: bytes.dropLast().map { UInt8(bitPattern: $0) })
}
