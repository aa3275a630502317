// Included once for each width of vectors, behind attention.h, whose functions it uses.
//
// Vectors run over sixteen channels. A few of their states stay in registers over the steps, while
// the rows of the next steps are fetched.

#define EW_SCAN_GROUP 4
// Vectors that cross cache lines take twice as long.
#define EW_SCAN_ALIGNED __attribute__((aligned(64)))

#define EW_SCAN_EACH _Pragma("clang loop unroll(full)") for (long i = 0; i < count; i++)

/// 2^x of some vectors, in turn, so that one does not wait for another; 1 + x p(x) keeps the
/// precision of slow decays.
EW_INLINE void EW(powers_of_two)(ew_float32 *_Nonnull x, const long count) {
  ew_float32 shifted[EW_SCAN_GROUP], power[EW_SCAN_GROUP];
  EW_SCAN_EACH x[i] = x[i] > 128 ? 128 : x[i];
  EW_SCAN_EACH x[i] = x[i] < -127 ? -127 : x[i];
  EW_SCAN_EACH shifted[i] = x[i] + EW_SHIFT;
  EW_SCAN_EACH x[i] -= shifted[i] - EW_SHIFT;
  EW_SCAN_EACH power[i] = EW(fma)(x[i], 0x1.5caadap-10f, 0x1.3cdb4p-7f);
  EW_SCAN_EACH power[i] = EW(fma)(x[i], power[i], 0x1.c6b3a6p-5f);
  EW_SCAN_EACH power[i] = EW(fma)(x[i], power[i], 0x1.ebf9f2p-3f);
  EW_SCAN_EACH power[i] = EW(fma)(x[i], power[i], 0x1.62e43p-1f);
  EW_SCAN_EACH power[i] = EW(fma)(x[i], power[i], 1);
  // The power is 1 at the bounds, so that the exponents become those of infinity and 0.
  EW_SCAN_EACH x[i] = EW(number)(EW(bits)(power[i]) + (EW(bits)(shifted[i]) << 23));
}

/// The first lanes of a vector from memory, and 0.
EW_INLINE ew_float32 EW(load)(const float *_Nonnull x, long lanes) {
  if (lanes == 16) return *(const ew_float32 *)x;
  ew_float32 result = 0;
  __builtin_memcpy(&result, x, 4 * lanes);
  return result;
}
EW_INLINE void EW(store)(float *_Nonnull y, ew_float32 x, long lanes) {
  if (lanes == 16) {
    *(ew_float32 *)y = x;
  } else {
    __builtin_memcpy(y, &x, 4 * lanes);
  }
}
/// 0 in the lanes behind the last channel.
EW_INLINE ew_float32 EW(live)(ew_float32 x, long lanes) {
  return lanes == 16 ? x : EW(lanes) < (int)lanes ? x : 0;
}

/// All steps of some states of some channels: adds what they give to y.
EW_INLINE void EW(scan_states)(
    const selective_scan_steps *_Nonnull p, float *_Nonnull after, long channel, long lanes,
    long state, const long count, const ew_float32 *_Nonnull delta,
    const ew_float32 *_Nonnull input, ew_float32 *_Nonnull y) {
  ew_float32 a[EW_SCAN_GROUP], h[EW_SCAN_GROUP];
  EW_SCAN_EACH {
    const long place = (state + i) * p->channels + channel;
    a[i] = EW(load)(p->a + place, lanes) * 0x1.715476p0f;
    h[i] = EW(load)(p->before + place, lanes);
  }
  for (long t = 0; t < p->steps; t++) {
    const float *b = p->b + t * p->states + state, *c = p->c + t * p->states + state;
    ew_float32 powers[EW_SCAN_GROUP];
    EW_SCAN_EACH powers[i] = delta[t] * a[i];
    EW(powers_of_two)(powers, count);
    EW_SCAN_EACH h[i] = EW(fma)(powers[i], h[i], input[t] * b[i]);
    EW_SCAN_EACH y[t] = EW(fma)(h[i], c[i], y[t]);
  }
  EW_SCAN_EACH EW(store)(after + (state + i) * p->channels + channel, h[i], lanes);
}

EW_INLINE void EW(scan_channels)(
    const selective_scan_steps *_Nonnull p, float *_Nullable y, float *_Nonnull after,
    long channel, const long lanes) {
  EW_SCAN_ALIGNED ew_float32 delta[16], input[16], sums[16];
  for (long t = 0; t < p->steps; t++) {
    const long place = t * p->channels + channel, next = place + 16 * p->channels;
    __builtin_prefetch(p->u + next);
    __builtin_prefetch(p->delta + next);
    if (y) __builtin_prefetch(y + place, 1);
    delta[t] = EW(load)(p->delta + place, lanes);
    input[t] = delta[t] * EW(load)(p->u + place, lanes);
    sums[t] = 0;
  }
  long state = 0;
  for (; state + EW_SCAN_GROUP <= p->states; state += EW_SCAN_GROUP) {
    EW(scan_states)(p, after, channel, lanes, state, EW_SCAN_GROUP, delta, input, sums);
  }
  for (; state < p->states; state++) {
    EW(scan_states)(p, after, channel, lanes, state, 1, delta, input, sums);
  }
  if (!y) return;
  for (long t = 0; t < p->steps; t++) EW(store)(y + t * p->channels + channel, sums[t], lanes);
}

static __attribute__((noinline)) void EW(selective_scan)(
    const selective_scan_steps *_Nonnull p, float *_Nullable y, float *_Nonnull after) {
  long channel = 0;
  for (; channel + 16 <= p->channels; channel += 16) {
    EW(scan_channels)(p, y, after, channel, 16);
  }
  if (channel < p->channels) EW(scan_channels)(p, y, after, channel, p->channels - channel);
}

// Backwards.

/// The steps of some channels: the operands, and sums of gradients over states.
typedef struct {
  ew_float32 delta[16], input[16], g[16];
  ew_float32 byInput[16], byExponent[16];
} EW(scan_block);

/// The sums of products over channels, by B and by C, for each step and state.
typedef struct {
  ew_float32 b, c;
} EW(scan_sums);

EW_INLINE void EW(scan_states_back)(
    const selective_scan_steps *_Nonnull p, const selective_scan_gradients *_Nonnull r,
    long channel, long lanes, long state, const long count, EW(scan_block) *_Nonnull x) {
  ew_float32 a[EW_SCAN_GROUP], h[EW_SCAN_GROUP], byH[EW_SCAN_GROUP], byA[EW_SCAN_GROUP];
  EW_SCAN_ALIGNED ew_float32 powers[16][EW_SCAN_GROUP], states[16][EW_SCAN_GROUP];
  EW_SCAN_EACH {
    const long place = (state + i) * p->channels + channel;
    a[i] = EW(load)(p->a + place, lanes) * 0x1.715476p0f;
    h[i] = EW(load)(p->before + place, lanes);
  }
  for (long t = 0; t < p->steps; t++) {
    const float *b = p->b + t * p->states + state;
    EW_SCAN_EACH powers[t][i] = x->delta[t] * a[i];
    EW(powers_of_two)(powers[t], count);
    EW_SCAN_EACH {
      states[t][i] = h[i];
      h[i] = EW(fma)(powers[t][i], h[i], x->input[t] * b[i]);
    }
  }
  EW_SCAN_EACH {
    byH[i] = EW(load)(r->carried + (state + i) * p->channels + channel, lanes);
    byA[i] = 0;
  }
  for (long t = p->steps - 1; t >= 0; t--) {
    const float *b = p->b + t * p->states + state, *c = p->c + t * p->states + state;
    EW(scan_sums) *sums = (EW(scan_sums) *)r->sums + t * p->states + state;
    const ew_float32 g = x->g[t], delta = x->delta[t], input = x->input[t];
    ew_float32 byInput = x->byInput[t], byExponent = x->byExponent[t];
    EW_SCAN_EACH {
      byH[i] = EW(fma)(g, c[i], byH[i]);
      sums[i].c += EW(live)(g * h[i], lanes);
      sums[i].b += EW(live)(byH[i] * input, lanes);
      byInput = EW(fma)(byH[i], b[i], byInput);
      byH[i] *= powers[t][i];
      h[i] = states[t][i];
      const ew_float32 slope = byH[i] * h[i];
      byA[i] = EW(fma)(slope, delta, byA[i]);
      byExponent = EW(fma)(slope, a[i], byExponent);
    }
    x->byInput[t] = byInput;
    x->byExponent[t] = byExponent;
  }
  EW_SCAN_EACH {
    const long place = (state + i) * p->channels + channel;
    EW(store)(r->carried + place, byH[i], lanes);
    if (r->a) EW(store)(r->a + place, EW(load)(r->a + place, lanes) + byA[i], lanes);
  }
}

EW_INLINE void EW(scan_channels_back)(
    const selective_scan_steps *_Nonnull p, const selective_scan_gradients *_Nonnull r,
    long channel, const long lanes) {
  EW_SCAN_ALIGNED EW(scan_block) x;
  for (long t = 0; t < p->steps; t++) {
    const long place = t * p->channels + channel, next = place - 16 * p->channels;
    __builtin_prefetch(p->u + next);
    __builtin_prefetch(p->delta + next);
    __builtin_prefetch(r->g + next);
    if (r->u) __builtin_prefetch(r->u + place, 1);
    if (r->delta) __builtin_prefetch(r->delta + place, 1);
    x.delta[t] = EW(load)(p->delta + place, lanes);
    x.input[t] = x.delta[t] * EW(load)(p->u + place, lanes);
    x.g[t] = EW(load)(r->g + place, lanes);
    x.byInput[t] = 0;
    x.byExponent[t] = 0;
  }
  long state = 0;
  for (; state + EW_SCAN_GROUP <= p->states; state += EW_SCAN_GROUP) {
    EW(scan_states_back)(p, r, channel, lanes, state, EW_SCAN_GROUP, &x);
  }
  for (; state < p->states; state++) EW(scan_states_back)(p, r, channel, lanes, state, 1, &x);
  for (long t = 0; t < p->steps; t++) {
    const long place = t * p->channels + channel;
    const ew_float32 u = EW(load)(p->u + place, lanes);
    const ew_float32 byDelta = EW(fma)(x.byInput[t], u, x.byExponent[t] * 0x1.62e43p-1f);
    if (r->u) EW(store)(r->u + place, x.byInput[t] * x.delta[t], lanes);
    if (r->delta) EW(store)(r->delta + place, byDelta, lanes);
  }
}

static __attribute__((noinline)) void EW(selective_scan_back)(
    const selective_scan_steps *_Nonnull p, const selective_scan_gradients *_Nonnull r) {
  const long count = p->steps * p->states;
  EW(scan_sums) *sums = (EW(scan_sums) *)r->sums;
  for (long i = 0; i < count; i++) sums[i].b = sums[i].c = 0;
  long channel = 0;
  for (; channel + 16 <= p->channels; channel += 16) {
    EW(scan_channels_back)(p, r, channel, 16);
  }
  if (channel < p->channels) EW(scan_channels_back)(p, r, channel, p->channels - channel);
  for (long i = 0; i < count; i++) {
    if (r->b) r->b[i] = EW(total)(sums[i].b);
    if (r->c) r->c[i] = EW(total)(sums[i].c);
  }
}

#undef EW_SCAN_EACH
#undef EW_SCAN_ALIGNED
#undef EW_SCAN_GROUP
