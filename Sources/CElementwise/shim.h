#pragma once

// Kernels that apply one operation to every element. They are C because a Swift function cannot be
// compiled for another processor than the rest of its program: here each kernel is there for every
// width of vectors, and the program takes the widest that the processor has.
//
// Every element is computed by IEEE operations in a fixed order, so the width does not reach the bits.

/// y = f(a, b, c) for n elements. The result may overwrite an operand. Operands that f lacks are not
/// read.
typedef void (*elementwise_kernel)(
    void *_Nonnull y, const void *_Nonnull a, const void *_Nonnull b, const void *_Nonnull c, long n);

// Sixteen elements of each number type, in as many registers as the processor needs.
typedef float ew_float32 __attribute__((ext_vector_type(16), aligned(4)));
typedef int ew_int32 __attribute__((ext_vector_type(16), aligned(4)));
typedef unsigned ew_bits32 __attribute__((ext_vector_type(16), aligned(4)));
typedef short ew_int16 __attribute__((ext_vector_type(16), aligned(2)));
typedef unsigned short ew_bfloat16 __attribute__((ext_vector_type(16), aligned(2)));
typedef signed char ew_int8 __attribute__((ext_vector_type(16), aligned(1)));
typedef unsigned char ew_uint8 __attribute__((ext_vector_type(16), aligned(1)));
typedef double ew_float64 __attribute__((ext_vector_type(16), aligned(8)));
typedef unsigned long ew_bits64 __attribute__((ext_vector_type(16), aligned(8)));

typedef float ew_eight __attribute__((ext_vector_type(8), aligned(4)));
typedef float ew_four __attribute__((ext_vector_type(4), aligned(4)));

/// Queries, a row each, and some keys, of which row 0 sees the first `seen`, and each further row as
/// many `more`.
typedef struct {
  /// Products of queries and keys, in rows that are `stride` apart; then weights, 0 for hidden keys.
  float *_Nonnull scores;
  /// Factors for the weights, if some are dropped.
  const float *_Nullable kept;
  long rows, columns, stride;
  long seen, more;
  float scale;
} attention_block;

/// Rows of results of attention, which are `stride` apart, and the logarithms of their sums.
typedef struct {
  float *_Nonnull y;
  long rows, size, stride;
  float *_Nullable logarithms;
  long logarithmStride;
} attention_rows;

/// Up to sixteen steps of a selective scan, of one sample.
typedef struct {
  /// `[steps, channels]`.
  const float *_Nonnull u, *_Nonnull delta;
  /// `[states, channels]`.
  const float *_Nonnull a;
  /// `[steps, states]`.
  const float *_Nonnull b, *_Nonnull c;
  /// The states before the first step, `[states, channels]`.
  const float *_Nonnull before;
  long steps, states, channels;
} selective_scan_steps;

/// The gradients of some steps, of the same shapes; those that are null are not wanted. Those by u
/// and delta may replace g and operands of their shape.
typedef struct {
  /// The gradient of the results.
  const float *_Nonnull g;
  float *_Nullable u, *_Nullable delta, *_Nullable b, *_Nullable c;
  /// The gradient by A is added.
  float *_Nullable a;
  /// The gradient of the states behind the last step, which becomes that of those before the first.
  float *_Nonnull carried;
  /// Memory for 32 numbers for each step and state.
  float *_Nonnull sums;
} selective_scan_gradients;

#define EW_JOIN(a, b) a##_##b
#define EW_NAME(a, b) EW_JOIN(a, b)
/// A function of the width that is being compiled.
#define EW(name) EW_NAME(ew_##name, EW_WIDTH)

#pragma clang diagnostic push
// Vectors are passed to inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"

#if defined(__x86_64__)
#define EW_WIDTH 512
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#include "kernels.h"
#include "attention.h"
#include "selective_scan.h"
#pragma clang attribute pop
#undef EW_WIDTH
#define EW_WIDTH 256
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "kernels.h"
#include "attention.h"
#include "selective_scan.h"
#pragma clang attribute pop
#undef EW_WIDTH
#define EW_WIDEST(name)                                                                            \
  __builtin_cpu_supports("avx512f")                                 ? ew_##name##_512              \
  : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? ew_##name##_256              \
                                                                    : ew_##name##_128
#else
#define EW_WIDEST(name) ew_##name##_128
#endif
#define EW_WIDTH 128
#include "kernels.h"
#include "attention.h"
#include "selective_scan.h"
#undef EW_WIDTH

#pragma clang diagnostic pop

#define EW_KERNEL(name)                                                                            \
  static inline elementwise_kernel _Nonnull elementwise_##name(void) {                             \
    return EW_WIDEST(name##_kernel);                                                               \
  }

EW_KERNEL(add) EW_KERNEL(subtract) EW_KERNEL(multiply) EW_KERNEL(divide) EW_KERNEL(maximum)
EW_KERNEL(negate) EW_KERNEL(reciprocal) EW_KERNEL(sqrt) EW_KERNEL(exp) EW_KERNEL(expm1)
EW_KERNEL(log) EW_KERNEL(log1p) EW_KERNEL(tanh) EW_KERNEL(sigmoid) EW_KERNEL(erf)
EW_KERNEL(add_int32) EW_KERNEL(subtract_int32) EW_KERNEL(multiply_int32) EW_KERNEL(maximum_int32)

typedef enum { ew_type_float32, ew_type_int32, ew_type_uint8, ew_type_bfloat16 } ew_type;

/// A kernel for operands of a number type.
#define EW_KERNELS(name)                                                                           \
  static inline elementwise_kernel _Nonnull elementwise_##name(ew_type operands) {                 \
    switch (operands) {                                                                            \
    case ew_type_float32: return EW_WIDEST(name##_float32_kernel);                                 \
    case ew_type_int32: return EW_WIDEST(name##_int32_kernel);                                     \
    case ew_type_uint8: return EW_WIDEST(name##_uint8_kernel);                                     \
    case ew_type_bfloat16: return EW_WIDEST(name##_bfloat16_kernel);                               \
    }                                                                                              \
  }

EW_KERNELS(less) EW_KERNELS(less_or_equal) EW_KERNELS(equal) EW_KERNELS(select)
/// Conversions to a number type.
EW_KERNELS(float32) EW_KERNELS(int32) EW_KERNELS(uint8) EW_KERNELS(bfloat16)

/// GELU of n elements, and its derivatives if they have a place. Results may overwrite x.
static inline void elementwise_gelu(
    float *_Nullable y, float *_Nullable slopes, const float *_Nonnull x, long n) {
  (EW_WIDEST(gelu_kernel))(y, slopes, x, n);
}

// Softmax within attention, whose keys come in blocks.

/// Weights e^(score - maximum), the maxima and sums of rows so far, and y times what the weights before
/// have become smaller by. Rows are `size` apart in y; maxima and sums of sixteen rows are there.
static inline void attention_weights(
    const attention_block *_Nonnull b, float *_Nonnull maxima, float *_Nonnull sums,
    float *_Nonnull y, long size) {
  (EW_WIDEST(attention_weights))(b, maxima, sums, y, size);
}

/// Divides sums of values by those of the weights.
static inline void attention_means(
    const attention_rows *_Nonnull p, const float *_Nonnull values, const float *_Nonnull sums,
    const float *_Nonnull maxima) {
  (EW_WIDEST(attention_means))(p, values, sums, maxima);
}

/// The products of rows of results and of their gradients.
static inline void attention_along(
    const attention_rows *_Nonnull p, const float *_Nonnull g, float *_Nonnull along) {
  (EW_WIDEST(attention_along))(p, g, along);
}

/// Weights from the logarithms of their sums, and the slopes of scores from those of weights.
static inline void attention_slopes(
    const attention_block *_Nonnull b, float *_Nonnull slopes, const float *_Nonnull logarithms,
    long logarithmStride, const float *_Nonnull along) {
  (EW_WIDEST(attention_slopes))(b, slopes, logarithms, logarithmStride, along);
}

// A selective scan.

/// Writes the results of some steps, unless y is null, which may replace u or delta; and the states
/// behind them, which may replace those before.
static inline void selective_scan(
    const selective_scan_steps *_Nonnull p, float *_Nullable y, float *_Nonnull after) {
  (EW_WIDEST(selective_scan))(p, y, after);
}

/// Writes gradients of some steps.
static inline void selective_scan_back(
    const selective_scan_steps *_Nonnull p, const selective_scan_gradients *_Nonnull r) {
  (EW_WIDEST(selective_scan_back))(p, r);
}
