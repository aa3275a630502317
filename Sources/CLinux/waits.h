#pragma once
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/// A system call in which a thread blocks.
struct linux_wait {
  long number;
  unsigned long first, second;
  /// The number of context switches of the thread, which grows while it makes progress.
  unsigned long switches;
};

/// Reads a small file of /proc. Returns 0, or -1.
static inline int linux_read_text(const char *_Nonnull path, char *_Nonnull text, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t count = read(file, text, size - 1);
  close(file);
  if (count < 0) return -1;
  text[count] = 0;
  return 0;
}

/// Returns the number after a label such as `VmSize:`, 0 if the text has none.
static inline unsigned long linux_number(const char *_Nonnull text, const char *_Nonnull label) {
  const char *place = strstr(text, label);
  unsigned long number = 0;
  if (place) sscanf(place + strlen(label), "%lu", &number);
  return number;
}

/// Reads the system call in which a thread of any process blocks. Returns 0, or -1 if the thread
/// runs, has ended, or is not visible.
static inline int linux_current_wait(pid_t thread, struct linux_wait *_Nonnull wait) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/syscall", thread);
  if (linux_read_text(path, text, sizeof text) != 0) return -1;
  if (sscanf(text, "%ld %lx %lx", &wait->number, &wait->first, &wait->second) != 3) return -1;
  snprintf(path, sizeof path, "/proc/%d/status", thread);
  if (linux_read_text(path, text, sizeof text) != 0) return -1;
  wait->switches = linux_number(text, "\nvoluntary_ctxt_switches:") +
                   linux_number(text, "\nnonvoluntary_ctxt_switches:");
  return 0;
}

/// The system calls that may block on a file system, and the argument that identifies the file.
static const struct {
  long number;
  const char *_Nonnull name;
  enum { linux_is_path, linux_is_path_in_directory, linux_is_descriptor } argument;
} linux_file_calls[] = {
#ifdef SYS_open
    {SYS_open, "open", linux_is_path},
    {SYS_stat, "stat", linux_is_path},
    {SYS_lstat, "stat", linux_is_path},
    {SYS_access, "access", linux_is_path},
    {SYS_rename, "rename", linux_is_path},
    {SYS_unlink, "unlink", linux_is_path},
    {SYS_mkdir, "mkdir", linux_is_path},
    {SYS_readlink, "readlink", linux_is_path},
#endif
    {SYS_statfs, "statfs", linux_is_path},
    {SYS_truncate, "truncate", linux_is_path},
    {SYS_openat, "open", linux_is_path_in_directory},
    {SYS_newfstatat, "stat", linux_is_path_in_directory},
    {SYS_statx, "stat", linux_is_path_in_directory},
    {SYS_faccessat, "access", linux_is_path_in_directory},
    {SYS_renameat, "rename", linux_is_path_in_directory},
    {SYS_renameat2, "rename", linux_is_path_in_directory},
    {SYS_unlinkat, "unlink", linux_is_path_in_directory},
    {SYS_mkdirat, "mkdir", linux_is_path_in_directory},
    {SYS_readlinkat, "readlink", linux_is_path_in_directory},
    {SYS_read, "read", linux_is_descriptor},
    {SYS_pread64, "read", linux_is_descriptor},
    {SYS_readv, "read", linux_is_descriptor},
    {SYS_write, "write", linux_is_descriptor},
    {SYS_pwrite64, "write", linux_is_descriptor},
    {SYS_writev, "write", linux_is_descriptor},
    {SYS_fsync, "fsync", linux_is_descriptor},
    {SYS_fdatasync, "fsync", linux_is_descriptor},
    {SYS_close, "close", linux_is_descriptor},
    {SYS_fstat, "stat", linux_is_descriptor},
    {SYS_ftruncate, "truncate", linux_is_descriptor},
    {SYS_getdents64, "readdir", linux_is_descriptor},
    {SYS_flock, "flock", linux_is_descriptor},
    {SYS_fcntl, "fcntl", linux_is_descriptor},
    {SYS_lseek, "seek", linux_is_descriptor},
};

/// Returns the name of the file operation in which a thread blocks, and the path of the file; null
/// if it blocks on something else: a pipe, a device, a standard stream.
static inline const char *_Nullable linux_file_operation(
    pid_t thread, const struct linux_wait *_Nonnull wait, char *_Nonnull path, size_t size) {
  char source[64];
  for (size_t i = 0; i < sizeof linux_file_calls / sizeof *linux_file_calls; i++) {
    if (linux_file_calls[i].number != wait->number) continue;
    unsigned long descriptor = wait->first;
    ssize_t count = -1;
    path[0] = 0;
    if (linux_file_calls[i].argument != linux_is_descriptor) {
      // Read through the kernel: the thread may continue and free the string.
      snprintf(source, sizeof source, "/proc/%d/mem", thread);
      int memory = open(source, O_RDONLY | O_CLOEXEC);
      int isSecond = linux_file_calls[i].argument == linux_is_path_in_directory;
      count = pread(memory, path, size - 1, (off_t)(isSecond ? wait->second : wait->first));
      close(memory);
      if (count < 0) return NULL;
      path[count] = 0;
      if (path[0] != 0) return strncmp(path, "/dev/", 5) == 0 ? NULL : linux_file_calls[i].name;
    }
    // With an empty path the call is on the descriptor before it.
    if (descriptor <= STDERR_FILENO) return NULL;
    snprintf(source, sizeof source, "/proc/%d/fd/%lu", thread, descriptor);
    count = readlink(source, path, size - 1);
    if (count < 0) return NULL;
    path[count] = 0;
    int isFile = path[0] == '/' && strncmp(path, "/dev/", 5) != 0;
    return isFile ? linux_file_calls[i].name : NULL;
  }
  return NULL;
}
