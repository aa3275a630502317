internal import CHDF5
internal import Glibc

/// An identifier of the HDF5 library, closed when it goes out of scope.
struct Handle: ~Copyable {
  let id: hid_t
  private let closing: @convention(c) (hid_t) -> herr_t

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
      _ = unsafe fcntl(descriptor.load(as: CInt.self), F_SETFD, FD_CLOEXEC)
    }
  }

  /// Closes now, where a full disk can show itself for the first time.
  consuming func close() throws(HDF5Error) {
    let (id, closing) = (id, closing)
    discard self
    try check(closing(id))
  }

  deinit { _ = closing(id) }
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
