internal import CHDF5
internal import Glibc

/// An HDF5 identifier (`hid_t`), closed when it goes out of scope.
struct Handle: ~Copyable {
  let id: hid_t
  private let closing: @convention(c) (hid_t) -> herr_t
  /// The file descriptor of a file; -1 for other objects.
  private var descriptor: CInt = -1

  init(_ id: hid_t, _ closing: @convention(c) (hid_t) -> herr_t) throws(HDF5Error) {
    self.id = try check(id)
    self.closing = closing
  }

  /// Creates the handle of a file.
  ///
  /// Child processes do not inherit its descriptor, since they would keep its lock.
  init(file id: hid_t) throws(HDF5Error) {
    try self.init(id, H5Fclose)
    var descriptor: UnsafeMutableRawPointer?
    if unsafe H5Fget_vfd_handle(id, defaults, &descriptor) >= 0, let descriptor = unsafe descriptor
    {
      self.descriptor = unsafe descriptor.load(as: CInt.self)
      _ = fcntl(self.descriptor, F_SETFD, FD_CLOEXEC)
    }
  }

  /// Closes the handle; throws if that fails, as it may on a full disk.
  consuming func close() throws(HDF5Error) {
    silenceErrors()
    unlock()
    let (id, closing) = (id, closing)
    discard self
    try check(closing(id))
  }

  deinit {
    silenceErrors()
    unlock()
    _ = closing(id)
  }

  /// Releases the lock of a file.
  ///
  /// Closing alone would leave it to a process that was just forked, until that calls `exec`.
  private borrowing func unlock() {
    if descriptor >= 0 { _ = flock(descriptor, LOCK_UN) }
  }
}

/// The default property list.
let defaults = hid_t(H5P_DEFAULT)

/// The selection of all elements of a dataset.
let wholeDataset = hid_t(H5S_ALL)

/// Initialises the HDF5 library on this thread, and disables its error output.
///
/// The corresponding HDF5 function is `H5open`.
func prepareLibrary() {
  // On a full disk the library's exit handler fails to close files and retries in a loop.
  _ = H5dont_atexit()
  _ = H5open()
  silenceErrors()
}

/// Disables the error output of the library on this thread; a file may be written on several.
///
/// The corresponding HDF5 function is `H5Eset_auto2`.
func silenceErrors() { _ = H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil) }
