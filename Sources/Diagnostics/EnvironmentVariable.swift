#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// Returns the value of an environment variable, nil if it is not set.
///
/// The corresponding C function is `getenv`.
package func environmentVariable(_ name: String) -> String? {
  unsafe getenv(name).map { unsafe String(path: $0) }
}
