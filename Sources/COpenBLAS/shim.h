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
