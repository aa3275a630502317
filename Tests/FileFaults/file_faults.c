// Disturbs the n-th operation that changes a file: kills the process before it, or has it fail.
//
//     cc -O2 -shared -fPIC -o libfile_faults.so file_faults.c
//     FILE_FAULTS_PATH=run/ FILE_FAULTS_AT=12 FILE_FAULTS_KIND=kill LD_PRELOAD=./libfile_faults.so nn-dist train ...
//
// Only files whose paths contain FILE_FAULTS_PATH count. The kinds are `kill`; `full`, where this
// operation and all later ones that take space fail with ENOSPC; `broken`, where this one alone
// fails with EIO. FILE_FAULTS_REPORT names a file that receives the number of operations at the end.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int operations;

static const char *path_part, *kind;
static int fault_at;

__attribute__((constructor)) static void read_settings(void) {
  path_part = getenv("FILE_FAULTS_PATH");
  kind = getenv("FILE_FAULTS_KIND");
  const char *at = getenv("FILE_FAULTS_AT");
  fault_at = at ? atoi(at) : 0;
}

__attribute__((destructor)) static void report(void) {
  const char *name = getenv("FILE_FAULTS_REPORT");
  FILE *file = name ? fopen(name, "w") : NULL;
  if (!file) return;
  fprintf(file, "%d\n", operations);
  fclose(file);
}

// Whether an operation is to fail, with `errno` set.
static int fails(const char *path, int takes_space) {
  if (!path_part || !path || !strstr(path, path_part)) return 0;
  int number = atomic_fetch_add(&operations, 1) + 1;
  if (!fault_at || !kind || number < fault_at) return 0;
  if (strcmp(kind, "kill") == 0) kill(getpid(), SIGKILL);
  if (strcmp(kind, "broken") == 0 && number == fault_at) {
    errno = EIO;
    return 1;
  }
  if (strcmp(kind, "full") == 0 && takes_space) {
    errno = ENOSPC;
    return 1;
  }
  return 0;
}

static int descriptor_fails(int descriptor, int takes_space) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(path, takes_space);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPEN(name)                                                             \
  int name(const char *path, int flags, ...) {                                 \
    va_list list;                                                              \
    va_start(list, flags);                                                     \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;    \
    va_end(list);                                                              \
    int changes = flags & (O_CREAT | O_TRUNC) || (flags & O_ACCMODE) != O_RDONLY; \
    if (changes && fails(path, flags & O_CREAT)) return -1;                    \
    return NEXT(name)(path, flags, mode);                                      \
  }
OPEN(open)
OPEN(open64)

ssize_t write(int file, const void *bytes, size_t count) {
  return descriptor_fails(file, 1) ? -1 : NEXT(write)(file, bytes, count);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  return descriptor_fails(file, 1) ? -1 : NEXT(writev)(file, parts, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  return descriptor_fails(file, 1) ? -1 : NEXT(pwrite)(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  return descriptor_fails(file, 1) ? -1 : NEXT(pwrite64)(file, bytes, count, offset);
}

int ftruncate(int file, off_t size) {
  return descriptor_fails(file, 0) ? -1 : NEXT(ftruncate)(file, size);
}

int ftruncate64(int file, off64_t size) {
  return descriptor_fails(file, 0) ? -1 : NEXT(ftruncate64)(file, size);
}

int fsync(int file) { return descriptor_fails(file, 0) ? -1 : NEXT(fsync)(file); }

int rename(const char *from, const char *to) {
  return fails(to, 0) ? -1 : NEXT(rename)(from, to);
}

int unlink(const char *path) { return fails(path, 0) ? -1 : NEXT(unlink)(path); }

int mkdir(const char *path, mode_t mode) {
  return fails(path, 1) ? -1 : NEXT(mkdir)(path, mode);
}
