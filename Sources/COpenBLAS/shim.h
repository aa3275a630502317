#pragma once
// OpenBLAS reads environment variables while it is loaded, and they must be set before. So it is
// loaded with dlopen when it is first needed; these are the types of the functions looked up in it.

/// The name of the library on Linux, with 32-bit integers and any threading.
#define OPENBLAS_LIBRARY "libopenblas.so.0"

enum { openblas_row_major = 101, openblas_plain = 111, openblas_transposed = 112 };

typedef void (*openblas_sgemm)(int order, int left, int right, int rows, int columns, int inner,
                               float alpha, const float *_Nonnull a, int a_stride,
                               const float *_Nonnull b, int b_stride, float beta,
                               float *_Nonnull c, int c_stride);
typedef void (*openblas_set_num_threads)(int count);
typedef int (*openblas_get_parallel)(void);
typedef char *_Nonnull (*openblas_text)(void);
