// Included once for each width of vectors.

#pragma clang fp contract(off)

#define EW_INLINE static inline __attribute__((always_inline))
#define EW_SIZE(type) ((long)sizeof(type) / 16)
#define EW_AT(type, x, i) (*(type *)((char *)(x) + (i) * EW_SIZE(type)))

// The last vector overlaps the one before it, so it is computed before that overwrites its operands.
// Fewer than sixteen elements are copied.
#define EW_LOOP(name, Y, A, B, C, expression)                                                      \
  EW_INLINE Y EW(name)(A p, B q, C r) { return expression; }                                       \
  static __attribute__((noinline)) void EW(name##_few)(                                            \
      void *_Nonnull y, const void *_Nonnull a, const void *_Nonnull b, const void *_Nonnull c,    \
      long n) {                                                                                    \
    A p = 0;                                                                                       \
    B q = 0;                                                                                       \
    C r = 0;                                                                                       \
    __builtin_memcpy(&p, a, n * EW_SIZE(A));                                                       \
    __builtin_memcpy(&q, b, n * EW_SIZE(B));                                                       \
    __builtin_memcpy(&r, c, n * EW_SIZE(C));                                                       \
    const Y result = EW(name)(p, q, r);                                                            \
    __builtin_memcpy(y, &result, n * EW_SIZE(Y));                                                  \
  }                                                                                                \
  static void EW(name##_kernel)(                                                                   \
      void *_Nonnull y, const void *_Nonnull a, const void *_Nonnull b, const void *_Nonnull c,    \
      long n) {                                                                                    \
    if (n < 16) return EW(name##_few)(y, a, b, c, n);                                              \
    const long last = n - 16;                                                                      \
    const Y end = EW(name)(EW_AT(A, a, last), EW_AT(B, b, last), EW_AT(C, c, last));               \
    for (long i = 0; i < last; i += 16) {                                                          \
      EW_AT(Y, y, i) = EW(name)(EW_AT(A, a, i), EW_AT(B, b, i), EW_AT(C, c, i));                   \
    }                                                                                              \
    EW_AT(Y, y, last) = end;                                                                       \
  }

#define EW_FLOATS(name, expression)                                                                \
  EW_LOOP(name, ew_float32, ew_float32, ew_float32, ew_float32, expression)

EW_FLOATS(add, p + q)
EW_FLOATS(subtract, p - q)
EW_FLOATS(multiply, p *q)
EW_FLOATS(divide, p / q)
/// NaN if one of them is.
EW_FLOATS(maximum, ((p > q) | (p != p)) ? p : q)
EW_FLOATS(negate, -p)
EW_FLOATS(reciprocal, 1 / p)
EW_FLOATS(sqrt, __builtin_elementwise_sqrt(p))

// The elementary functions of the module Elementary, operation by operation.

EW_INLINE ew_float32 EW(fma)(ew_float32 a, ew_float32 b, ew_float32 c) {
  return __builtin_elementwise_fma(a, b, c);
}
EW_INLINE ew_bits32 EW(bits)(ew_float32 x) { return __builtin_bit_cast(ew_bits32, x); }
EW_INLINE ew_float32 EW(number)(ew_bits32 x) { return __builtin_bit_cast(ew_float32, x); }

/// A polynomial, its highest coefficient first.
#define EW_POLYNOMIAL(x, ...)                                                                      \
  ({                                                                                               \
    const float coefficients[] = {__VA_ARGS__};                                                    \
    ew_float32 sum = coefficients[0];                                                              \
    _Pragma("clang loop unroll(full)") for (unsigned i = 1; i < sizeof(coefficients) / 4; i++) {    \
      sum = EW(fma)(sum, x, coefficients[i]);                                                      \
    }                                                                                              \
    sum;                                                                                           \
  })

/// Adding it rounds to an integer.
#define EW_SHIFT 0x1.8p23f

/// x = n ln(2) + r: returns r, and half of 2^n.
EW_INLINE ew_float32 EW(reduce)(ew_float32 x, ew_float32 *_Nonnull half) {
  x = x > 89 ? 89 : x;
  x = x < -87.25f ? -87.25f : x;
  const ew_float32 shifted = EW(fma)(x, 0x1.715476p0f, EW_SHIFT);
  const ew_float32 n = shifted - EW_SHIFT;
  *half = EW(number)((EW(bits)(shifted) - EW(bits)(EW_SHIFT) + 126) << 23);
  return EW(fma)(-n, -0x1.05c61p-29f, EW(fma)(-n, 0x1.62e43p-1f, x));
}

EW_INLINE ew_float32 EW(exponential_tail)(ew_float32 r) {
  return EW_POLYNOMIAL(
      r, 0x1.6d98ccp-10f, 0x1.1227d8p-7f, 0x1.555488p-5f, 0x1.5554bp-3f, 0x1.0p-1f);
}

EW_INLINE ew_float32 EW(exponential)(ew_float32 x) {
  ew_float32 half;
  const ew_float32 r = EW(reduce)(x, &half);
  const ew_float32 power = EW(fma)(r, EW(fma)(r, EW(exponential_tail)(r), 1), 1);
  return (power + power) * half;
}

EW_INLINE ew_float32 EW(exponential_minus_one)(ew_float32 x) {
  ew_float32 half;
  const ew_float32 r = EW(reduce)(x, &half);
  const ew_float32 tail = EW(fma)(r * r, EW(exponential_tail)(r), r);
  const ew_float32 result = EW(fma)(half, tail, half - 0.5f);
  return result + result;
}

/// A small non-negative integer as a number.
EW_INLINE ew_float32 EW(integer)(ew_bits32 n) {
  return EW(number)(EW(bits)(EW_SHIFT) + n) - EW_SHIFT;
}

EW_INLINE ew_float32 EW(logarithm)(ew_float32 x) {
  const unsigned one = 0x3f800000, root = 0x3f350500;
  const float least = 0x1p-126f, infinity = __builtin_inff();
  const ew_bits32 bits = EW(bits)(x) + (one - root);
  const ew_float32 e = EW(integer)(bits >> 23) - EW(integer)(one >> 23);
  const ew_float32 m = EW(number)((bits & 0x7fffff) + root);
  const ew_float32 f = m - 1;
  const ew_float32 s = f / (m + 1);
  const ew_float32 z = s * s;
  const ew_float32 tail = z * EW_POLYNOMIAL(z, 0x1.31e468p-2f, 0x1.995eaep-2f, 0x1.55557ap-1f) - f;
  const ew_float32 small = f + EW(fma)(e, -0x1.05c61p-29f, s * tail);
  const ew_float32 result = EW(fma)(e, 0x1.62e43p-1f, small);
  const ew_float32 outside = x > -least ? (ew_float32)-infinity : __builtin_nanf("");
  return x < least ? outside : x < infinity ? result : x;
}

EW_INLINE ew_float32 EW(logarithm_one_plus)(ew_float32 x) {
  const ew_float32 sum = 1 + x;
  const ew_float32 added = sum - 1;
  const ew_float32 lost = (1 - (sum - added)) + (x - added);
  const ew_float32 correction = ((sum > 0) & (sum < __builtin_inff())) ? lost / sum : 0;
  return EW(logarithm)(sum) + correction;
}

EW_INLINE ew_float32 EW(magnitude)(ew_float32 x) { return EW(number)(EW(bits)(x) & 0x7fffffff); }
EW_INLINE ew_float32 EW(signed)(ew_float32 magnitude, ew_float32 x) {
  return EW(number)(EW(bits)(magnitude) | (EW(bits)(x) & 0x80000000));
}

EW_INLINE ew_float32 EW(hyperbolic_tangent)(ew_float32 x) {
  const ew_float32 m = EW(exponential_minus_one)(2 * EW(magnitude)(x));
  const ew_int32 isSmall = m < 2;
  const ew_float32 whole = isSmall ? (ew_float32)0 : 1;
  return EW(signed)(whole + (isSmall ? m : -2) / (m + 2), x);
}

EW_INLINE ew_float32 EW(logistic)(ew_float32 x) {
  const ew_float32 e = EW(exponential)(-x);
  return e >= 0x1p126f ? 0 : 1 / (1 + e);
}

EW_INLINE ew_float32 EW(error_function)(ew_float32 x) {
  const ew_float32 a = EW(magnitude)(x);
  const ew_float32 z = a * a;
  const ew_float32 tail = EW_POLYNOMIAL(
      z, 0x1.496a12p-14f, -0x1.a3f71ep-11f, 0x1.5405bep-8f, -0x1.b7f91p-6f, 0x1.ce2cf8p-4f,
      -0x1.81273ep-2f, 0x1.06eba8p-3f);
  const ew_float32 b = a > 4 ? 4 : a;
  const ew_float32 exponent = EW_POLYNOMIAL(
      b, -0x1.86db1ep-13f, 0x1.825986p-9f, -0x1.65cacp-6f, 0x1.a652e6p-4f, 0x1.46baf8p-1f,
      0x1.2088e6p0f, 0x1.662c5ap-12f);
  return EW(signed)(a < 1 ? EW(fma)(a, tail, a) : 1 - EW(exponential)(-exponent), x);
}

EW_FLOATS(exp, EW(exponential)(p))
EW_FLOATS(expm1, EW(exponential_minus_one)(p))
EW_FLOATS(log, EW(logarithm)(p))
EW_FLOATS(log1p, EW(logarithm_one_plus)(p))
EW_FLOATS(tanh, EW(hyperbolic_tangent)(p))
EW_FLOATS(sigmoid, EW(logistic)(p))
EW_FLOATS(erf, EW(error_function)(p))

/// x times the share of a normal distribution below x, and the derivative if it has a place. Results may
/// overwrite x.
EW_INLINE ew_float32 EW(gelu)(ew_float32 x, ew_float32 *_Nonnull slope) {
  const ew_float32 root = x * 0x1.6a09e6p-1f;
  const ew_float32 twice = 1 + EW(error_function)(root);
  *slope = EW(fma)(x, EW(exponential)(-(root * root)) * 0x1.988454p-2f, 0.5f * twice);
  return (x * 0.5f) * twice;
}

static __attribute__((noinline)) void EW(gelu_kernel)(
    float *_Nullable y, float *_Nullable slopes, const float *_Nonnull x, long n) {
  ew_float32 slope;
  for (long i = 0; i < n / 16 * 16; i += 16) {
    const ew_float32 result = EW(gelu)(*(const ew_float32 *)(x + i), &slope);
    if (y) *(ew_float32 *)(y + i) = result;
    if (slopes) *(ew_float32 *)(slopes + i) = slope;
  }
  ew_float32 rest = 0;
  for (long i = n / 16 * 16; i < n; i++) rest[i % 16] = x[i];
  rest = EW(gelu)(rest, &slope);
  for (long i = n / 16 * 16; i < n; i++) {
    if (y) y[i] = rest[i % 16];
    if (slopes) slopes[i] = slope[i % 16];
  }
}

// Integers wrap around.

#define EW_INTEGERS(name, type, expression) EW_LOOP(name##_int32, type, type, type, type, expression)

EW_INTEGERS(add, ew_bits32, p + q)
EW_INTEGERS(subtract, ew_bits32, p - q)
EW_INTEGERS(multiply, ew_bits32, p *q)
EW_INTEGERS(maximum, ew_int32, p > q ? p : q)

// Conversions.

EW_INLINE ew_float32 EW(widened)(ew_bfloat16 x) {
  return EW(number)(__builtin_convertvector(x, ew_bits32) << 16);
}

/// The nearest, ties to even; NaN stays NaN.
EW_INLINE ew_bfloat16 EW(narrowed)(ew_float32 x) {
  const ew_bits32 bits = EW(bits)(x);
  const ew_bits32 rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return __builtin_convertvector(x != x ? bits >> 16 | 0x40 : rounded, ew_bfloat16);
}

/// The nearest, rounded once: a float32 between would round a second time.
EW_INLINE ew_bfloat16 EW(narrowed_integers)(ew_int32 x) {
  const int dropped = 45;
  const ew_bits64 bits =
      __builtin_bit_cast(ew_bits64, __builtin_convertvector(x, ew_float64));
  const ew_bits64 half = (1ul << (dropped - 1)) - 1 + (bits >> dropped & 1);
  const ew_bits64 rounded = (bits + half) >> dropped << dropped;
  return EW(narrowed)(
      __builtin_convertvector(__builtin_bit_cast(ew_float64, rounded), ew_float32));
}

/// Towards zero; values out of range become the nearest integer, NaN becomes 0.
EW_INLINE ew_int32 EW(truncated)(ew_float32 x) {
  const ew_float32 inside = x < 0x1p31f ? x < -0x1p31f ? -0x1p31f : x : 0;
  return x >= 0x1p31f ? 0x7fffffff : __builtin_convertvector(inside, ew_int32);
}
EW_INLINE ew_uint8 EW(byte)(ew_int32 x) {
  const ew_int32 positive = x < 0 ? 0 : x;
  return __builtin_convertvector(positive > 255 ? 255 : positive, ew_uint8);
}

#define EW_CONVERSION(from, to, expression)                                                        \
  EW_LOOP(to##_##from, ew_##to, ew_##from, ew_##from, ew_##from, expression)

EW_CONVERSION(float32, float32, p)
EW_CONVERSION(int32, float32, __builtin_convertvector(p, ew_float32))
EW_CONVERSION(uint8, float32, __builtin_convertvector(p, ew_float32))
EW_CONVERSION(bfloat16, float32, EW(widened)(p))
EW_CONVERSION(float32, int32, EW(truncated)(p))
EW_CONVERSION(int32, int32, p)
EW_CONVERSION(uint8, int32, __builtin_convertvector(p, ew_int32))
EW_CONVERSION(bfloat16, int32, EW(truncated)(EW(widened)(p)))
EW_CONVERSION(float32, uint8, EW(byte)(EW(truncated)(p)))
EW_CONVERSION(int32, uint8, EW(byte)(p))
EW_CONVERSION(uint8, uint8, p)
EW_CONVERSION(bfloat16, uint8, EW(byte)(EW(truncated)(EW(widened)(p))))
EW_CONVERSION(float32, bfloat16, EW(narrowed)(p))
EW_CONVERSION(int32, bfloat16, EW(narrowed_integers)(p))
EW_CONVERSION(uint8, bfloat16, EW(narrowed)(__builtin_convertvector(p, ew_float32)))
EW_CONVERSION(bfloat16, bfloat16, p)

// Comparisons, whose results are masks of bytes, and q where a mask is not 0, else r.

#define EW_COMPARISON(name, operator)                                                              \
  EW_COMPARISON_OF(name, operator, float32, ew_float32, p, q)                                      \
  EW_COMPARISON_OF(name, operator, int32, ew_int32, p, q)                                          \
  EW_COMPARISON_OF(name, operator, uint8, ew_uint8, p, q)                                          \
  EW_COMPARISON_OF(name, operator, bfloat16, ew_bfloat16, EW(widened)(p), EW(widened)(q))
#define EW_COMPARISON_OF(name, operator, number, type, x, y)                                       \
  EW_LOOP(                                                                                         \
      name##_##number, ew_uint8, type, type, type,                                                 \
      __builtin_convertvector((x operator y) & 1, ew_uint8))

EW_COMPARISON(less, <)
EW_COMPARISON(less_or_equal, <=)
EW_COMPARISON(equal, ==)

#define EW_SELECTION(number, signs)                                                                \
  EW_LOOP(                                                                                         \
      select_##number, ew_##number, ew_uint8, ew_##number, ew_##number,                            \
      __builtin_convertvector(p, signs) != 0 ? q : r)

EW_SELECTION(float32, ew_int32)
EW_SELECTION(int32, ew_int32)
EW_SELECTION(uint8, ew_int8)
EW_SELECTION(bfloat16, ew_int16)
