#pragma once
// OpenBLAS reads its environment while it is loaded, which must be settled before: so it is loaded
// when it is first needed, and these are the types of what is then looked up in it.

/// The library's name on Linux; 32-bit extents, whatever its threads.
#define OPENBLAS_LIBRARY "libopenblas.so.0"

enum { openblas_row_major = 101, openblas_plain = 111, openblas_transposed = 112 };

typedef void (*openblas_sgemm)(int order, int left, int right, int rows, int columns, int inner,
                               float alpha, const float *_Nonnull a, int a_stride,
                               const float *_Nonnull b, int b_stride, float beta,
                               float *_Nonnull c, int c_stride);
typedef void (*openblas_set_num_threads)(int count);
typedef int (*openblas_get_parallel)(void);
typedef char *_Nonnull (*openblas_text)(void);

/// The core type whose kernels suit this processor, as `OPENBLAS_CORETYPE` takes it; null where the
/// library's own choice stands.
///
/// What a processor can do decides, not its model: OpenBLAS 0.3.21 knows no model that is younger
/// than itself, takes those with AVX-512 for Haswells and others for older ones still, and a variable
/// that was set for another program may name one that cannot run here. "SkylakeX" needs the five
/// parts of AVX-512 that its kernels are compiled for, Intel's or AMD's; "Haswell" serves every other
/// processor with AVX2, Zen included, with the same kernels as "Zen".
static inline const char *_Nullable openblas_core_type(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return "SkylakeX";
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
  return 0;
}
