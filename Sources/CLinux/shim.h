#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

/// Makes subnormal numbers zeros, as operands and as results, on the calling thread.
static inline void linux_flush_subnormals(void) {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" : : "r"(control | (1u << 24)));
#endif
}

/// Asks the kernel to kill this process when its parent ends. Returns 0, or -1 with errno set.
static inline int linux_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }

/// Fills a mask of 1024 bits with the cores this process may run on. Returns 0, or -1.
static inline int linux_affinity(uint64_t *_Nonnull mask) {
  return sched_getaffinity(0, 128, (cpu_set_t *)mask);
}

/// Whether the signal was set to be ignored, as `nohup` does with SIGHUP.
static inline int linux_is_ignored(int number) {
  struct sigaction action;
  return sigaction(number, 0, &action) == 0 && action.sa_handler == SIG_IGN;
}
