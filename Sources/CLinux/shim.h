#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <xmmintrin.h>
#endif
#include "waits.h"

/// Returns the floating-point control register of the calling thread (MXCSR or FPCR).
static inline uint64_t linux_float_control(void) {
#if defined(__x86_64__)
  return _mm_getcsr();
#elif defined(__aarch64__)
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return control;
#else
  return 0;
#endif
}

/// Sets the floating-point control register of the calling thread.
static inline void linux_set_float_control(uint64_t control) {
#if defined(__x86_64__)
  _mm_setcsr((unsigned)control);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(control));
#endif
}

/// Flushes subnormal operands and results to zero on the calling thread.
static inline void linux_flush_subnormals(void) {
#if defined(__x86_64__)
  linux_set_float_control(linux_float_control() | 0x8040);
#elif defined(__aarch64__)
  linux_set_float_control(linux_float_control() | (1u << 24));
#endif
}

/// Asks the kernel to kill this process when its parent ends. Returns 0, or -1 with errno set.
/// The corresponding system call is `prctl` with `PR_SET_PDEATHSIG`.
static inline int linux_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }

/// Calls `fork`, which Swift does not import. The process must have a single thread.
static inline pid_t linux_fork(void) { return fork(); }

/// Creates a file of zeros in memory. Its size is sealed, so that no process that shares it can
/// make an access to a mapping fail. Returns a descriptor, or -1 with errno set. The corresponding
/// system call is `memfd_create`.
static inline int linux_memory_file(size_t bytes) {
  int file = memfd_create("nn-dist", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return -1;
  if (fallocate(file, 0, 0, (off_t)bytes) == 0 &&
      fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) {
    return file;
  }
  int error = errno;
  close(file);
  errno = error;
  return -1;
}

/// Returns the monotonic clock in milliseconds.
static inline long linux_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Waits for a condition until a time of the monotonic clock.
/// The corresponding function is `pthread_cond_clockwait`.
static inline void linux_wait_until(
    pthread_cond_t *_Nonnull changed, pthread_mutex_t *_Nonnull mutex, long milliseconds) {
  struct timespec end = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  pthread_cond_clockwait(changed, mutex, CLOCK_MONOTONIC, &end);
}

/// Joins a thread; waits until a time of the monotonic clock. Returns 0, or an error number.
/// The corresponding function is `pthread_clockjoin_np`.
static inline int linux_join_until(pthread_t thread, long milliseconds) {
  struct timespec end = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &end);
}

/// Flushes standard output and standard error.
static inline void linux_flush_standard_streams(void) {
  fflush(stdout);
  fflush(stderr);
}

/// Returns the default stack size of a new thread.
static inline size_t linux_stack_bytes(void) {
  pthread_attr_t attributes;
  size_t bytes = 0;
  pthread_attr_init(&attributes);
  pthread_attr_getstacksize(&attributes, &bytes);
  pthread_attr_destroy(&attributes);
  return bytes;
}

/// Makes all threads share one heap. The corresponding function is `mallopt` with `M_ARENA_MAX`.
static inline void linux_share_heap(void) { mallopt(M_ARENA_MAX, 1); }

/// Returns the vector instructions of this processor: 3 for AVX-512 (F, CD, BW, DQ, VL), 2 for AVX2
/// with FMA, 1 for SSE4.1, 0 for less or for another architecture.
static inline int linux_vector_level(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return 3;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 2;
  if (__builtin_cpu_supports("sse4.1")) return 1;
#endif
  return 0;
}

/// Fills 48 bytes with the brand string of the processor, padded with zeros.
static inline void linux_processor_name(uint32_t *_Nonnull words) {
  for (int i = 0; i < 12; i++) words[i] = 0;
#if defined(__x86_64__)
  for (unsigned part = 0; part < 3; part++) {
    uint32_t *part_words = words + 4 * part;
    __get_cpuid(0x80000002 + part, part_words, part_words + 1, part_words + 2, part_words + 3);
  }
#endif
}

/// Fills a mask of 1024 bits with the cores that this process may run on. Returns 0, or -1.
/// The corresponding function is `sched_getaffinity`.
static inline int linux_affinity(uint64_t *_Nonnull mask) {
  return sched_getaffinity(0, 128, (cpu_set_t *)mask);
}

/// Returns the errno of `process_vm_readv`, which Open MPI's ranks use with each other; 0 if it
/// works.
///
/// A process may always read its own memory, so a failure means that the system call is blocked, as
/// in many containers.
static inline int linux_memory_reading_error(void) {
  char from = 1, to = 0;
  struct { void *start; size_t size; } local = {&to, 1}, remote = {&from, 1};
  return syscall(SYS_process_vm_readv, getpid(), &local, 1L, &remote, 1L, 0L) == 1 ? 0 : errno;
}

/// Returns whether a signal is ignored, as `nohup` does with SIGHUP.
/// The corresponding function is `sigaction`.
static inline int linux_is_ignored(int number) {
  struct sigaction action;
  return sigaction(number, 0, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// Defines a function that computes rounds of 12 independent vector multiply-adds in registers.
///
/// 12 hide the latency of two units that take four cycles each.
#define CLINUX_MULTIPLY_ADDS(name, bytes, attributes)                          \
  static inline attributes float name(long rounds) {                           \
    typedef float vector __attribute__((vector_size(bytes)));                  \
    vector sums[12], half = (vector){0} + 0.5f;                                \
    for (int i = 0; i < 12; i++) sums[i] = half * (float)i;                          \
    for (long round = 0; round < rounds; round++) {                            \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < 12; i++) {        \
        _Pragma("clang fp contract(fast)") sums[i] = sums[i] * half + half;    \
      }                                                                        \
    }                                                                          \
    for (int i = 1; i < 12; i++) sums[0] += sums[i];                           \
    return sums[0][0];                                                         \
  }
#if defined(__x86_64__)
CLINUX_MULTIPLY_ADDS(linux_multiply_adds_64, 64, __attribute__((target("avx512f"))))
CLINUX_MULTIPLY_ADDS(linux_multiply_adds_32, 32, __attribute__((target("avx2,fma"))))
#endif
CLINUX_MULTIPLY_ADDS(linux_multiply_adds_16, 16, )

/// Computes multiply-adds on the widest vectors of this processor, for any target of the build.
/// Returns the number of floating-point operations; `result` keeps the compiler from removing them.
static inline long linux_multiply_adds(long rounds, float *_Nonnull result) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    *result = linux_multiply_adds_64(rounds);
    return 2 * 12 * 16 * rounds;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    *result = linux_multiply_adds_32(rounds);
    return 2 * 12 * 8 * rounds;
  }
#endif
  *result = linux_multiply_adds_16(rounds);
  return 2 * 12 * 4 * rounds;
}
