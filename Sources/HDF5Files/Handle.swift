internal import CHDF5
internal import Glibc

/// An identifier of the HDF5 library, closed when it goes out of scope.
struct Handle: ~Copyable {
  let id: hid_t
  private let closing: @convention(c) (hid_t) -> herr_t
  /// Of a file, -1 of anything else.
  private var descriptor: CInt = -1

  init(_ id: hid_t, _ closing: @convention(c) (hid_t) -> herr_t) throws(HDF5Error) {
    self.id = try check(id)
    self.closing = closing
  }

  /// A file, which the programs that this process starts do not inherit: its lock would last as long as
  /// they run.
  init(file id: hid_t) throws(HDF5Error) {
    try self.init(id, H5Fclose)
    var descriptor: UnsafeMutableRawPointer?
    if unsafe H5Fget_vfd_handle(id, defaults, &descriptor) >= 0, let descriptor = unsafe descriptor
    {
      self.descriptor = unsafe descriptor.load(as: CInt.self)
      _ = fcntl(self.descriptor, F_SETFD, FD_CLOEXEC)
    }
  }

  /// Closes now, where a full disk can show itself for the first time.
  consuming func close() throws(HDF5Error) {
    unlock()
    let (id, closing) = (id, closing)
    discard self
    try check(closing(id))
  }

  deinit {
    unlock()
    _ = closing(id)
  }

  /// The library only closes the file: a process that was forked from this one would hold the lock on
  /// until it runs its program.
  private borrowing func unlock() {
    if descriptor >= 0 { _ = flock(descriptor, LOCK_UN) }
  }
}

/// The standing property list of every kind.
let defaults = hid_t(H5P_DEFAULT)

/// All of a dataset.
let everything = hid_t(H5S_ALL)

/// Makes the library ready on this thread, without the error reports it prints by itself.
func prepareLibrary() {
  // After a full disk it could not close its files at exit either, and would say so in a loop.
  _ = H5dont_atexit()
  _ = H5open()
  _ = H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
}
