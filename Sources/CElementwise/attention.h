// Included once for each width of vectors, behind kernels.h, whose functions it uses.

static const ew_int32 EW(lanes) = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

EW_INLINE float EW(total)(ew_float32 x) {
  const ew_eight eight = x.lo + x.hi;
  const ew_four four = eight.lo + eight.hi;
  return (four.x + four.z) + (four.y + four.w);
}

EW_INLINE float EW(greatest)(ew_float32 x) {
  const ew_eight eight = x.lo > x.hi ? x.lo : x.hi;
  const ew_four four = eight.lo > eight.hi ? eight.lo : eight.hi;
  const float even = four.x > four.z ? four.x : four.z, odd = four.y > four.w ? four.y : four.w;
  return even > odd ? even : odd;
}

/// How many of the block's keys a row sees.
EW_INLINE int EW(seen)(const attention_block *_Nonnull b, long row) {
  const long seen = b->seen + row * b->more;
  return (int)(seen < b->columns ? seen : b->columns);
}

static __attribute__((noinline)) void EW(attention_weights)(
    const attention_block *_Nonnull b, float *_Nonnull maxima, float *_Nonnull sums,
    float *_Nonnull y, long size) {
  const long vectors = (b->columns + 15) / 16;
  for (long first = 0; first < b->rows; first += 16) {
    const long rows = b->rows - first < 16 ? b->rows - first : 16;
    ew_float32 greatest = {0};
    for (long r = 0; r < rows; r++) {
      ew_float32 *scores = (ew_float32 *)(b->scores + (first + r) * b->stride);
      const int seen = EW(seen)(b, first + r);
      ew_float32 most = -__builtin_inff();
      for (int v = 0; v < vectors; v++) {
        const ew_float32 score =
            EW(lanes) + 16 * v < seen ? scores[v] * b->scale : -__builtin_inff();
        scores[v] = score;
        most = score > most ? score : most;
      }
      greatest[r] = EW(greatest)(most);
    }
    const ew_float32 before = *(ew_float32 *)(maxima + first);
    const ew_float32 now = greatest > before ? greatest : before;
    const ew_float32 factors = EW(exponential)(before - now);
    *(ew_float32 *)(maxima + first) = now;
    for (long r = 0; r < rows; r++) {
      ew_float32 *scores = (ew_float32 *)(b->scores + (first + r) * b->stride);
      const ew_float32 *kept = b->kept ? (ew_float32 *)(b->kept + (first + r) * b->stride) : 0;
      const float most = now[r], factor = factors[r];
      ew_float32 sum = {0};
      for (int v = 0; v < vectors; v++) {
        const ew_float32 weight = EW(exponential)(scores[v] - most);
        sum += weight;
        scores[v] = kept ? weight * kept[v] : weight;
      }
      sums[first + r] = sums[first + r] * factor + EW(total)(sum);
      ew_float32 *result = (ew_float32 *)(y + (first + r) * size);
      for (long v = 0; v < size / 16; v++) result[v] *= factor;
    }
  }
}

static __attribute__((noinline)) void EW(attention_means)(
    const attention_rows *_Nonnull p, const float *_Nonnull values, const float *_Nonnull sums,
    const float *_Nonnull maxima) {
  const long padded = (p->size + 15) / 16 * 16;
  for (long r = 0; r < p->rows; r++) {
    const float inverse = 1 / sums[r];
    const float *from = values + r * padded;
    float *to = p->y + r * p->stride;
    long i = 0;
    for (; i + 16 <= p->size; i += 16) *(ew_float32 *)(to + i) = *(ew_float32 *)(from + i) * inverse;
    for (; i < p->size; i++) to[i] = from[i] * inverse;
  }
  if (!p->logarithms) return;
  for (long r = 0; r < p->rows; r += 16) {
    const ew_float32 logarithms =
        *(ew_float32 *)(maxima + r) + EW(logarithm)(*(ew_float32 *)(sums + r));
    for (long i = 0; i < 16 && r + i < p->rows; i++) {
      p->logarithms[(r + i) * p->logarithmStride] = logarithms[i];
    }
  }
}

static __attribute__((noinline)) void EW(attention_along)(
    const attention_rows *_Nonnull p, const float *_Nonnull g, float *_Nonnull along) {
  for (long r = 0; r < p->rows; r++) {
    const float *a = p->y + r * p->stride, *b = g + r * p->stride;
    ew_float32 sum = {0};
    long i = 0;
    for (; i + 16 <= p->size; i += 16) sum += *(ew_float32 *)(a + i) * *(ew_float32 *)(b + i);
    for (long lane = 0; i < p->size; i++, lane++) sum[lane] += a[i] * b[i];
    along[r] = EW(total)(sum);
  }
}

static __attribute__((noinline)) void EW(attention_slopes)(
    const attention_block *_Nonnull b, float *_Nonnull slopes, const float *_Nonnull logarithms,
    long logarithmStride, const float *_Nonnull along) {
  const long vectors = (b->columns + 15) / 16;
  for (long r = 0; r < b->rows; r++) {
    ew_float32 *scores = (ew_float32 *)(b->scores + r * b->stride);
    ew_float32 *slope = (ew_float32 *)(slopes + r * b->stride);
    const ew_float32 *kept = b->kept ? (ew_float32 *)(b->kept + r * b->stride) : 0;
    const int seen = EW(seen)(b, r);
    const float logarithm = logarithms[r * logarithmStride], mean = along[r];
    for (int v = 0; v < vectors; v++) {
      const ew_int32 isSeen = EW(lanes) + 16 * v < seen;
      const ew_float32 power = EW(exponential)(scores[v] * b->scale - logarithm);
      const ew_float32 weight = isSeen ? power : 0;
      const ew_float32 byWeight = kept ? slope[v] * kept[v] : slope[v];
      slope[v] = isSeen ? weight * (byWeight - mean) * b->scale : 0;
      scores[v] = kept ? weight * kept[v] : weight;
    }
  }
}
