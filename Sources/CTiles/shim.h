#pragma once
#include <limits.h>
#include <stdbool.h>

// Loops that keep a tile of results in registers. They are C because a Swift function cannot be
// compiled for another processor than the rest of its program: here each loop is there for every width
// of vectors, and the program takes the widest that the processor has.
//
// Every result is one chain of fused multiply-adds in a fixed order, in a lane of its own. So
// neither the tile nor the width of vectors reaches the bits.

/// Sixteen elements, in as many registers as the processor needs.
typedef float tiles_vector __attribute__((vector_size(64), aligned(4)));

enum { tiles_lanes = 16 };

/// Rows that come in groups which lie apart: those of one shard, then those of the next. The distances
/// are those between groups.
typedef struct {
  long rows;
  long result, left, addend, numbers;
} tiles_groups_t;

/// result = op(left) op(right), plus an addend: finished chains are added to it, rounded once more.
///
/// The right factor lies in vectors of 16 columns: vector v of line k begins at
/// `right[v * rightVector + k * rightStep]`. Where the columns do not fill the last vector, `rest` is that
/// vector's columns with line k at `rest[16 * k]`.
typedef struct {
  float *_Nonnull result;
  const float *_Nonnull left;
  const float *_Nonnull right;
  const float *_Nullable rest;
  const float *_Nullable addend;
  long rows, columns, inner;
  /// Between rows of the result and of the addend, and between rows and lines of the left factor.
  long resultRow, addendRow, leftRow, leftStep;
  const tiles_groups_t *_Nullable groups;
  /// The number of the addend's row for each row, if the addend is a table.
  const int *_Nullable addendNumbers;
  long rightVector, rightStep;
  /// Where rows and lines of the left factor stand instead, if it is no matrix but a map that a
  /// convolution slides over: the sum of both leads to an element.
  const int *_Nullable leftRows;
  const int *_Nullable leftLines;
  /// Whether results that are not above 0 become 0; a NaN stays one.
  bool appliesReLU;
} tiles_product_t;

#define TILES_INLINE static inline __attribute__((always_inline))
#define TILES_UNROLL _Pragma("clang loop unroll(full)")

typedef int tiles_integers __attribute__((vector_size(64), aligned(4)));

/// Writes the first lanes of a vector, plus an addend if there is one.
TILES_INLINE void tiles_store(
    float *_Nonnull to, const tiles_vector *_Nonnull sums, const float *_Nullable addend,
    bool appliesReLU, long lanes) {
  if (lanes >= tiles_lanes) {
    tiles_vector result = addend ? *(const tiles_vector *)addend + *sums : *sums;
    if (appliesReLU) {
      const tiles_integers stays = ~(result <= (tiles_vector){0});
      result = (tiles_vector)(stays & (tiles_integers)result);
    }
    *(tiles_vector *)to = result;
  } else {
    for (long i = 0; i < lanes; i++) {
      const float result = addend ? addend[i] + (*sums)[i] : (*sums)[i];
      to[i] = appliesReLU && result <= 0 ? 0 : result;
    }
  }
}

/// Where the rows of a tile begin.
typedef struct {
  const float *_Nonnull left[8];
  float *_Nonnull result[8];
  const float *_Nullable addend[8];
} tiles_rows_t;

/// The tiles that meet all columns before the next ones: 32 to 64 rows.
enum { tiles_kept = 8 };

/// The rows of a tile. `group` and `inGroup` lead to the first of them, and then to the next tile's.
TILES_INLINE void tiles_begin(
    const tiles_product_t *_Nonnull p, bool slides, long row, long rows, long *_Nonnull group,
    long *_Nonnull inGroup, tiles_rows_t *_Nonnull begin) {
  static const tiles_groups_t one = {.rows = LONG_MAX};
  const tiles_groups_t *groups = p->groups ? p->groups : &one;
  for (long r = 0; r < rows; r++) {
    const long g = *group, i = *inGroup;
    begin->left[r] = p->left + (slides ? p->leftRows[row + r] : g * groups->left + i * p->leftRow);
    begin->result[r] = p->result + g * groups->result + i * p->resultRow;
    const long number = p->addendNumbers ? p->addendNumbers[g * groups->numbers + i] : i;
    begin->addend[r] = p->addend ? p->addend + g * groups->addend + number * p->addendRow : 0;
    *inGroup = i + 1 < groups->rows ? i + 1 : 0;
    *group = g + (*inGroup == 0);
  }
}

/// The chains of one tile: `rows`, `vectors` and `slides` are constants where it is inlined.
TILES_INLINE void tiles_product_sums(
    const tiles_product_t *_Nonnull p, const float *_Nonnull const *_Nonnull left,
    tiles_vector (*_Nonnull sums)[2], int rows, int vectors, bool slides,
    const float *_Nonnull right, long rightVector, long rightStep) {
  TILES_UNROLL for (int r = 0; r < rows; r++) {
    TILES_UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = (tiles_vector){0};
  }
  const int *lines = p->leftLines;
  const long leftStep = p->leftStep, inner = p->inner;
  long line = 0;
  for (long k = 0; k < inner; k++) {
    tiles_vector factors[2];
    TILES_UNROLL for (int v = 0; v < vectors; v++) {
      factors[v] = *(const tiles_vector *)(right + v * rightVector);
    }
    if (slides) line = lines[k];
    TILES_UNROLL for (int r = 0; r < rows; r++) {
      // Minus 0, since a sum with 0 would be computed: it turns -0 into 0.
      tiles_vector factor = left[r][line] - (tiles_vector){0};
      TILES_UNROLL for (int v = 0; v < vectors; v++) {
        sums[r][v] = __builtin_elementwise_fma(factor, factors[v], sums[r][v]);
      }
    }
    line += leftStep;
    right += rightStep;
  }
}

/// One tile of the product.
TILES_INLINE void tiles_product_tile(
    const tiles_product_t *_Nonnull p, const tiles_rows_t *_Nonnull begin, int rows, int vectors,
    bool slides, long column, const float *_Nonnull right, long rightVector, long rightStep) {
  tiles_vector sums[8][2];
  // Rows of the addend lie apart, so the processor does not see which comes next.
  if (p->addend && p->addendRow) {
    TILES_UNROLL for (int r = 0; r < rows; r++) {
      TILES_UNROLL for (int v = 0; v < vectors; v++) {
        __builtin_prefetch(begin->addend[r] + column + tiles_lanes * v);
      }
    }
  }
  tiles_product_sums(
      p, begin->left, sums, rows, vectors, slides, right, rightVector, rightStep);
  TILES_UNROLL for (int r = 0; r < rows; r++) {
    TILES_UNROLL for (int v = 0; v < vectors; v++) {
      const long place = column + tiles_lanes * v;
      tiles_store(
          begin->result[r] + place, &sums[r][v], p->addend ? begin->addend[r] + place : 0,
          p->appliesReLU, p->columns - place);
    }
  }
}

/// A tile of at most `most` rows, where the number is known only now.
TILES_INLINE void tiles_product_rows(
    const tiles_product_t *_Nonnull p, const tiles_rows_t *_Nonnull begin, int most, int vectors,
    bool slides, long rows, long column, const float *_Nonnull right, long rightStep) {
  switch (rows) {
#define TILES_ROWS(n)                                                                              \
  case n:                                                                                          \
    return tiles_product_tile(                                                                     \
        p, begin, n < most ? n : most, vectors, slides, column, right, p->rightVector, rightStep);
    TILES_ROWS(1) TILES_ROWS(2) TILES_ROWS(3) TILES_ROWS(4)
    TILES_ROWS(5) TILES_ROWS(6) TILES_ROWS(7) TILES_ROWS(8)
#undef TILES_ROWS
  }
}

/// The whole product, in tiles of at most `most` rows and `vectors` vectors.
///
/// Rows are divided as evenly as can be. The rows of some tiles, which stay in the first caches, meet one
/// block of columns after the other, of at most 16 KB of the right factor.
TILES_INLINE void tiles_product_all(
    const tiles_product_t *_Nonnull p, int most, int vectors, bool slides) {
  const long whole = p->columns / tiles_lanes;
  const long wide = whole / vectors, columns = wide + whole % vectors + (p->rest ? 1 : 0);
  const long tiles = (p->rows + most - 1) / most;
  const long least = p->rows / tiles, larger = p->rows % tiles;
  const long fitting = 256 / (vectors * p->inner), block = fitting > 1 ? fitting : 1;
  long group = 0, inGroup = 0;
  for (long start = 0; start < tiles; start += tiles_kept) {
    const long stop = start + tiles_kept < tiles ? start + tiles_kept : tiles;
    tiles_rows_t begins[tiles_kept];
    for (long tile = start; tile < stop; tile++) {
      const long row = tile * least + (tile < larger ? tile : larger);
      tiles_begin(p, slides, row, least + (tile < larger), &group, &inGroup, begins + tile - start);
    }
    for (long first = 0; first < columns; first += block) {
      const long end = first + block < columns ? first + block : columns;
      for (long tile = start; tile < stop; tile++) {
        const long rows = least + (tile < larger);
        const tiles_rows_t *begin = begins + tile - start;
        for (long column = first; column < end; column++) {
          const bool isWide = column < wide;
          const long v = isWide ? vectors * column : column + wide * (vectors - 1);
          const bool isRest = v == whole;
          const float *right = isRest ? p->rest : p->right + v * p->rightVector;
          const long step = isRest ? tiles_lanes : p->rightStep;
          if (isWide) {
            tiles_product_rows(p, begin, most, vectors, slides, rows, tiles_lanes * v, right, step);
          } else {
            tiles_product_rows(p, begin, most, 1, slides, rows, tiles_lanes * v, right, step);
          }
        }
      }
    }
  }
}

#define TILES_PRODUCT(name, most, vectors, attributes)                                             \
  static attributes void name(const tiles_product_t *_Nonnull p) {                                  \
    if (p->leftRows) {                                                                             \
      tiles_product_all(p, most, vectors, true);                                                   \
    } else {                                                                                       \
      tiles_product_all(p, most, vectors, false);                                                  \
    }                                                                                              \
  }

#if defined(__x86_64__)
TILES_PRODUCT(tiles_product_512, 8, 2, __attribute__((target("avx512f"))))
TILES_PRODUCT(tiles_product_256, 6, 1, __attribute__((target("avx2,fma"))))
#endif
TILES_PRODUCT(tiles_product_128, 4, 1, )

#if defined(__x86_64__)
#define TILES_WIDEST(function, ...)                                                                 \
  if (__builtin_cpu_supports("avx512f")) return function##_512(__VA_ARGS__);                        \
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {                            \
    return function##_256(__VA_ARGS__);                                                             \
  }                                                                                                \
  function##_128(__VA_ARGS__);
#else
#define TILES_WIDEST(function, ...) function##_128(__VA_ARGS__);
#endif

static inline void tiles_product(const tiles_product_t *_Nonnull p) {
  TILES_WIDEST(tiles_product, p)
}

/// One of the products that are added up.
///
/// Element (row, k) of the left factor stands at `left[row * leftRow + k * leftStep]`, element (k, column) of
/// the right one at `right[k * rightStep + column * rightColumn]`; those of a leaf so far behind the
/// leaf before.
typedef struct {
  const float *_Nonnull left;
  const float *_Nonnull right;
  long inner;
  long leftRow, leftStep, leftLeaf;
  long rightColumn, rightStep, rightLeaf;
} tiles_term_t;

/// result = the sum over leaves of sums of products, or is added to what stands there.
///
/// A leaf adds its products up in turn, and leaves are added over a balanced binary tree: two neighbours, then
/// two pairs. Each addition is rounded as a pass of its own would.
typedef struct {
  float *_Nonnull result;
  long rows, columns;
  const tiles_term_t *_Nonnull terms;
  long count, leaves;
  bool adds;
  /// Room for `tiles_sum_floats` of each line of the factors.
  float *_Nonnull panels;
} tiles_sum_t;

enum { tiles_most_leaves = 16, tiles_levels = 6 };

/// The tiles that are arranged together, and a line of the cache between them: tiles a power of two apart would
/// drive each other out.
enum { tiles_chunk = 16, tiles_gap = 16 };

/// Whether a leaf has so many lines that its factors are taken block by block.
static inline bool tiles_sum_is_long(long rows, long lines) { return rows * lines > 1 << 17; }

/// The floats of the panels for each leaf, whose terms have so many lines together and at most.
///
/// Two vectors of the right factors, and the rows of the left ones in tiles; or all vectors of one term, some
/// tiles and the sums that wait.
static inline long tiles_sum_floats(long rows, long columns, long lines, long longest) {
  if (!tiles_sum_is_long(rows, lines)) return lines * (2 * tiles_lanes + rows + 16);
  const long passes = columns / (2 * tiles_lanes) + 1;
  return longest * 2 * tiles_lanes * passes + (8 * longest + tiles_gap) * tiles_chunk
      + 2 * (rows / 4 + 1) * passes * 8 * 2 * tiles_lanes;
}

/// The chains of one tile of a term, whose factors are arranged.
TILES_INLINE void tiles_sum_chains(
    const float *_Nonnull left, tiles_vector (*_Nonnull sums)[2], int most, int rows, int vectors,
    long inner, const float *_Nonnull panel, long vectorStride) {
  const tiles_product_t product = {.inner = inner, .leftStep = most};
  const float *lefts[8];
  TILES_UNROLL for (int r = 0; r < rows; r++) lefts[r] = left + r;
  tiles_product_sums(
      &product, lefts, sums, rows, vectors, false, panel, vectorStride, tiles_lanes);
}

/// One tile of the sum; sums that wait for another stay in the first cache.
TILES_INLINE void tiles_sum_tile(
    const tiles_sum_t *_Nonnull s, const float *_Nonnull left, int most, int rows, int vectors,
    long row, long column, long lines) {
  tiles_vector sums[8][2], waiting[tiles_levels][8][2];
  const float *panel = s->panels;
  int level = 0;
  for (long leaf = 0; leaf < s->leaves; leaf++) {
    for (long t = 0; t < s->count; t++) {
      const long inner = s->terms[t].inner;
      tiles_sum_chains(left, sums, most, rows, vectors, inner, panel, tiles_lanes * lines);
      left += most * inner;
      panel += tiles_lanes * inner;
      TILES_UNROLL for (int r = 0; r < rows; r++) {
        TILES_UNROLL for (int v = 0; v < vectors; v++) waiting[level][r][v] = sums[r][v];
      }
      // The sum of the leaf so far, then those of as many finished subtrees as end with it.
      for (int n = (t > 0) + (t + 1 == s->count ? __builtin_ctzl(~leaf) : 0); n > 0; n--) {
        level--;
        TILES_UNROLL for (int r = 0; r < rows; r++) {
          TILES_UNROLL for (int v = 0; v < vectors; v++) {
            waiting[level][r][v] += waiting[level + 1][r][v];
          }
        }
      }
      level++;
    }
  }
  TILES_UNROLL for (int r = 0; r < rows; r++) {
    TILES_UNROLL for (int v = 0; v < vectors; v++) {
      const long place = column + tiles_lanes * v;
      float *result = s->result + (row + r) * s->columns + place;
      tiles_store(result, &waiting[0][r][v], s->adds ? result : 0, false, s->columns - place);
    }
  }
}

/// Arranges the lines of some tiles of a left factor; tiles are `tileStride` apart.
///
/// A few lines are read at once, all of their rows. Lines lie far apart, so the processor does not see which
/// comes next.
TILES_INLINE void tiles_sum_pack_left(
    const tiles_sum_t *_Nonnull s, const tiles_term_t *_Nonnull term, long leaf, float *_Nonnull to,
    long tileStride, int most, long firstTile, long endTile) {
  typedef float eight __attribute__((vector_size(32), aligned(4)));
  enum { stretch = 8 };
  const long tiles = (s->rows + most - 1) / most;
  const long least = s->rows / tiles, larger = s->rows % tiles;
  const float *from = term->left + leaf * term->leftLeaf;
  for (long first = 0; first < term->inner; first += stretch) {
    const long end = first + stretch < term->inner ? first + stretch : term->inner;
    for (long tile = firstTile; tile < endTile; tile++) {
      const long row = tile * least + (tile < larger ? tile : larger);
      const long rows = least + (tile < larger);
      for (long k = first; k < end; k++) {
        const float *line = from + row * term->leftRow + k * term->leftStep;
        __builtin_prefetch(line + 2 * stretch * term->leftStep, 0, 2);
        float *target = to + (tile - firstTile) * tileStride + k * most;
        // Some rows more are read and written where they are there.
        if (most == 8 && term->leftRow == 1 && row + 8 <= s->rows) {
          *(eight *)target = *(const eight *)line;
        } else {
          for (long r = 0; r < rows; r++) target[r] = line[r * term->leftRow];
        }
      }
    }
  }
}

/// Arranges a vector of columns of a right factor, line after line.
TILES_INLINE void tiles_sum_pack_right(
    const tiles_sum_t *_Nonnull s, const tiles_term_t *_Nonnull term, long leaf, long column,
    float *_Nonnull to) {
  const long rest = s->columns - column;
  const float *from = term->right + leaf * term->rightLeaf + column * term->rightColumn;
  for (long k = 0; k < term->inner; k++, from += term->rightStep, to += tiles_lanes) {
    if (rest >= tiles_lanes && term->rightColumn == 1) {
      *(tiles_vector *)to = *(const tiles_vector *)from;
    } else {
      for (long i = 0; i < tiles_lanes; i++) to[i] = i < rest ? from[i * term->rightColumn] : 0;
    }
  }
}

/// One block of lines of one tile: its sums are added to those that wait.
TILES_INLINE void tiles_sum_block(
    const tiles_sum_t *_Nonnull s, const float *_Nonnull left, const float *_Nonnull panel,
    tiles_vector (*_Nonnull waiting)[8][2], int most, int rows, int vectors, long row, long column,
    long inner, int level, int finished, bool isLast) {
  tiles_vector sums[8][2];
  tiles_sum_chains(left, sums, most, rows, vectors, inner, panel, tiles_lanes * inner);
  for (int n = 0; n < finished; n++) {
    level--;
    TILES_UNROLL for (int r = 0; r < rows; r++) {
      TILES_UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = waiting[level][r][v] + sums[r][v];
    }
  }
  TILES_UNROLL for (int r = 0; r < rows; r++) {
    TILES_UNROLL for (int v = 0; v < vectors; v++) {
      if (isLast) {
        const long place = column + tiles_lanes * v;
        float *result = s->result + (row + r) * s->columns + place;
        tiles_store(result, &sums[r][v], s->adds ? result : 0, false, s->columns - place);
      } else {
        waiting[level][r][v] = sums[r][v];
      }
    }
  }
}

/// The sum of many lines: all of one term meet some tiles while these are in the second cache, and a
/// vector of columns while that is in the first. Sums that wait for another stand in memory.
TILES_INLINE void tiles_sum_long(const tiles_sum_t *_Nonnull s, int most, int vectors) {
  const long tiles = (s->rows + most - 1) / most;
  const long least = s->rows / tiles, larger = s->rows % tiles;
  const long width = vectors * tiles_lanes, passes = (s->columns + width - 1) / width;
  const long levels = 2 + __builtin_ctzl(s->leaves);
  long longest = 0;
  for (long t = 0; t < s->count; t++) {
    if (s->terms[t].inner > longest) longest = s->terms[t].inner;
  }
  float *lefts = s->panels + passes * width * longest;
  tiles_vector (*waiting)[8][2] = (void *)(lefts + tiles_chunk * (most * longest + tiles_gap));
  int level = 0;
  for (long leaf = 0; leaf < s->leaves; leaf++) {
    for (long t = 0; t < s->count; t++) {
      const tiles_term_t *term = s->terms + t;
      const long inner = term->inner, tileStride = most * inner + tiles_gap;
      const bool endsLeaf = t + 1 == s->count;
      const int finished = (t > 0) + (endsLeaf ? __builtin_ctzl(~leaf) : 0);
      const bool isLast = endsLeaf && leaf + 1 == s->leaves;
      for (long column = 0; column < s->columns; column += tiles_lanes) {
        tiles_sum_pack_right(s, term, leaf, column, s->panels + column * inner);
      }
      for (long first = 0; first < tiles; first += tiles_chunk) {
        const long end = first + tiles_chunk < tiles ? first + tiles_chunk : tiles;
        tiles_sum_pack_left(s, term, leaf, lefts, tileStride, most, first, end);
        for (long pass = 0; pass < passes; pass++) {
          const long column = pass * width;
          const int wide = s->columns - column > (vectors - 1) * tiles_lanes ? vectors : 1;
          const float *panel = s->panels + column * inner;
          for (long tile = first; tile < end; tile++) {
            const long row = tile * least + (tile < larger ? tile : larger);
            const float *left = lefts + (tile - first) * tileStride;
            tiles_vector (*sums)[8][2] = waiting + (tile * passes + pass) * levels;
            switch (least + (tile < larger)) {
#define TILES_ROWS(n)                                                                              \
  case n:                                                                                          \
    if (wide == vectors) {                                                                         \
      tiles_sum_block(                                                                             \
          s, left, panel, sums, most, n < most ? n : most, vectors, row, column, inner, level,     \
          finished, isLast);                                                                       \
    } else {                                                                                       \
      tiles_sum_block(                                                                             \
          s, left, panel, sums, most, n < most ? n : most, 1, row, column, inner, level, finished, \
          isLast);                                                                                 \
    }                                                                                              \
    break;
              TILES_ROWS(1) TILES_ROWS(2) TILES_ROWS(3) TILES_ROWS(4)
              TILES_ROWS(5) TILES_ROWS(6) TILES_ROWS(7) TILES_ROWS(8)
#undef TILES_ROWS
            }
          }
        }
      }
      level += 1 - finished;
    }
  }
}

/// The whole sum: all rows meet some vectors of columns after the other.
///
/// Factors are arranged first, since lines that are a power of two apart would drive each other out of the
/// first cache.
TILES_INLINE void tiles_sum_all(const tiles_sum_t *_Nonnull s, int most, int vectors) {
  long perLeaf = 0;
  for (long t = 0; t < s->count; t++) perLeaf += s->terms[t].inner;
  if (tiles_sum_is_long(s->rows, perLeaf)) return tiles_sum_long(s, most, vectors);
  const long lines = s->leaves * perLeaf;
  const long tiles = (s->rows + most - 1) / most;
  const long least = s->rows / tiles, larger = s->rows % tiles;
  float *lefts = s->panels + 2 * tiles_lanes * lines;
  float *to = lefts;
  for (long leaf = 0; leaf < s->leaves; leaf++) {
    for (long t = 0; t < s->count; to += most * s->terms[t].inner, t++) {
      tiles_sum_pack_left(s, s->terms + t, leaf, to, most * lines, most, 0, tiles);
    }
  }
  for (long column = 0; column < s->columns;) {
    const int wide = s->columns - column > (vectors - 1) * tiles_lanes ? vectors : 1;
    for (int v = 0; v < wide; v++) {
      float *panel = s->panels + v * tiles_lanes * lines;
      for (long leaf = 0; leaf < s->leaves; leaf++) {
        for (long t = 0; t < s->count; panel += tiles_lanes * s->terms[t].inner, t++) {
          tiles_sum_pack_right(s, s->terms + t, leaf, column + v * tiles_lanes, panel);
        }
      }
    }
    for (long tile = 0, row = 0; tile < tiles; tile++) {
      const long rows = least + (tile < larger);
      const float *left = lefts + tile * most * lines;
      switch (rows) {
#define TILES_ROWS(n)                                                                              \
  case n:                                                                                          \
    if (wide == vectors) {                                                                         \
      tiles_sum_tile(s, left, most, n < most ? n : most, vectors, row, column, lines);             \
    } else {                                                                                       \
      tiles_sum_tile(s, left, most, n < most ? n : most, 1, row, column, lines);                   \
    }                                                                                              \
    break;
        TILES_ROWS(1) TILES_ROWS(2) TILES_ROWS(3) TILES_ROWS(4)
        TILES_ROWS(5) TILES_ROWS(6) TILES_ROWS(7) TILES_ROWS(8)
#undef TILES_ROWS
      }
      row += rows;
    }
    column += wide * tiles_lanes;
  }
}

#define TILES_SUM(name, most, vectors, attributes)                                                 \
  static attributes void name(const tiles_sum_t *_Nonnull s) { tiles_sum_all(s, most, vectors); }

#if defined(__x86_64__)
TILES_SUM(tiles_sum_512, 8, 2, __attribute__((target("avx512f"))))
TILES_SUM(tiles_sum_256, 6, 1, __attribute__((target("avx2,fma"))))
#endif
TILES_SUM(tiles_sum_128, 4, 1, )

static inline void tiles_sum(const tiles_sum_t *_Nonnull s) {
  const tiles_term_t *term = s->terms;
  if (s->count == 1 && s->leaves == 1 && term->rightColumn == 1 && s->columns % tiles_lanes == 0) {
    // With nothing to add up, factors are best read where they stand.
    const tiles_product_t product = {
        .result = s->result,
        .left = term->left,
        .right = term->right,
        .addend = s->adds ? s->result : 0,
        .rows = s->rows,
        .columns = s->columns,
        .inner = term->inner,
        .resultRow = s->columns,
        .addendRow = s->columns,
        .leftRow = term->leftRow,
        .leftStep = term->leftStep,
        .rightVector = tiles_lanes,
        .rightStep = term->rightStep,
    };
    return tiles_product(&product);
  }
  TILES_WIDEST(tiles_sum, s)
}

typedef unsigned char tiles_bytes __attribute__((vector_size(16), aligned(1)));

/// Reduces the results of each four rows, the window of a pooling, to the greatest, and writes which
/// of the four comes first of those if there are `argmax`. A NaN is greater than any number.
TILES_INLINE void tiles_pooled_tile(
    const tiles_product_t *_Nonnull p, unsigned char *_Nullable argmax, int windows, int vectors,
    long window, long column, const float *_Nonnull right) {
  tiles_vector sums[8][2];
  const float *left[8];
  TILES_UNROLL for (int r = 0; r < 4 * windows; r++) left[r] = p->left + p->leftRows[4 * window + r];
  tiles_product_sums(
      p, left, sums, 4 * windows, vectors, true, right, p->rightVector, p->rightStep);
  TILES_UNROLL for (int w = 0; w < windows; w++) {
    TILES_UNROLL for (int v = 0; v < vectors; v++) {
      const long place = column + tiles_lanes * v, lanes = p->columns - place;
      tiles_vector bias = {0};
      if (p->addend) {
        if (lanes >= tiles_lanes) {
          bias = *(const tiles_vector *)(p->addend + place);
        } else {
          for (long i = 0; i < lanes; i++) bias[i] = p->addend[place + i];
        }
      }
      tiles_vector best = p->addend ? bias + sums[4 * w][v] : sums[4 * w][v];
      tiles_integers winner = {0};
      TILES_UNROLL for (int e = 1; e < 4; e++) {
        const tiles_vector sum = sums[4 * w + e][v];
        const tiles_vector value = p->addend ? bias + sum : sum;
        const tiles_integers wins = ~(value <= best) & (best == best);
        best = (tiles_vector)((wins & (tiles_integers)value) | (~wins & (tiles_integers)best));
        winner = (wins & ((tiles_integers){0} + e)) | (~wins & winner);
      }
      const tiles_bytes bytes = __builtin_convertvector(winner, tiles_bytes);
      const long result = (window + w) * p->resultRow + place;
      tiles_store(p->result + result, &best, 0, p->appliesReLU, lanes);
      if (!argmax) continue;
      if (lanes >= tiles_lanes) {
        *(tiles_bytes *)(argmax + result) = bytes;
      } else {
        for (long i = 0; i < lanes; i++) argmax[result + i] = bytes[i];
      }
    }
  }
}

TILES_INLINE void tiles_pooled_all(
    const tiles_product_t *_Nonnull p, unsigned char *_Nullable argmax, int most, int vectors) {
  const long windows = p->rows / 4, whole = (p->columns + tiles_lanes - 1) / tiles_lanes;
  const long fitting = 256 / (vectors * p->inner), block = vectors * (fitting > 1 ? fitting : 1);
  for (long first = 0; first < whole; first += block) {
    const long end = first + block < whole ? first + block : whole;
    for (long window = 0; window < windows;) {
      const int count = windows - window < most ? 1 : most;
      for (long v = first; v < end;) {
        const int wide = end - v < vectors ? 1 : vectors;
        const float *right = p->right + v * p->rightVector;
        if (count == most && wide == vectors) {
          tiles_pooled_tile(p, argmax, most, vectors, window, tiles_lanes * v, right);
        } else if (count == most) {
          tiles_pooled_tile(p, argmax, most, 1, window, tiles_lanes * v, right);
        } else if (wide == vectors) {
          tiles_pooled_tile(p, argmax, 1, vectors, window, tiles_lanes * v, right);
        } else {
          tiles_pooled_tile(p, argmax, 1, 1, window, tiles_lanes * v, right);
        }
        v += wide;
      }
      window += count;
    }
  }
}

#define TILES_POOLED(name, windows, vectors, attributes)                                           \
  static attributes void name(                                                                     \
      const tiles_product_t *_Nonnull p, unsigned char *_Nullable argmax) {                          \
    tiles_pooled_all(p, argmax, windows, vectors);                                                 \
  }

#if defined(__x86_64__)
TILES_POOLED(tiles_pooled_512, 2, 2, __attribute__((target("avx512f"))))
TILES_POOLED(tiles_pooled_256, 1, 1, __attribute__((target("avx2,fma"))))
#endif
TILES_POOLED(tiles_pooled_128, 1, 1, )

/// A sliding product whose rows come in windows of four, each reduced to its greatest results and
/// which of the four they are, if there are `argmax`: a convolution and the pooling that alone reads
/// it.
static inline void tiles_pooled(
    const tiles_product_t *_Nonnull p, unsigned char *_Nullable argmax) {
  TILES_WIDEST(tiles_pooled, p, argmax)
}

/// Adds to the chains of one tile what each window of four lines contributes: a line has the window's
/// vector in the lanes that it won, and zeros.
TILES_INLINE void tiles_spread_tile(
    const tiles_product_t *_Nonnull p, const unsigned char *_Nonnull argmax, int rows, long row,
    long column) {
  tiles_vector sums[8];
  const float *left[8];
  TILES_UNROLL for (int r = 0; r < rows; r++) {
    left[r] = p->left + p->leftRows[row + r];
    sums[r] = (tiles_vector){0};
  }
  const float *right = p->right + column;
  argmax += column;
  for (long k = 0; k < p->inner; k++) {
    const tiles_integers values = *(const tiles_integers *)(right + k * p->rightStep);
    const tiles_integers winner =
        __builtin_convertvector(*(const tiles_bytes *)(argmax + k * p->rightStep), tiles_integers);
    TILES_UNROLL for (int e = 0; e < 4; e++) {
      const tiles_vector factors = (tiles_vector)((winner == e) & values);
      const long line = p->leftLines[4 * k + e];
      TILES_UNROLL for (int r = 0; r < rows; r++) {
        tiles_vector factor = left[r][line] - (tiles_vector){0};
        sums[r] = __builtin_elementwise_fma(factor, factors, sums[r]);
      }
    }
  }
  TILES_UNROLL for (int r = 0; r < rows; r++) {
    const long place = (row + r) * p->resultRow + column;
    tiles_store(
        p->result + place, &sums[r], p->addend ? p->addend + place : 0, false, tiles_lanes);
  }
}

TILES_INLINE void tiles_spread_all(
    const tiles_product_t *_Nonnull p, const unsigned char *_Nonnull argmax, int most) {
  const long tiles = (p->rows + most - 1) / most;
  const long least = p->rows / tiles, larger = p->rows % tiles;
  for (long column = 0; column < p->columns; column += tiles_lanes) {
    for (long tile = 0, row = 0; tile < tiles; tile++) {
      const long rows = least + (tile < larger);
      switch (rows) {
#define TILES_ROWS(n)                                                                              \
  case n:                                                                                          \
    tiles_spread_tile(p, argmax, n < most ? n : most, row, column);                                \
    break;
        TILES_ROWS(1) TILES_ROWS(2) TILES_ROWS(3) TILES_ROWS(4)
        TILES_ROWS(5) TILES_ROWS(6) TILES_ROWS(7) TILES_ROWS(8)
#undef TILES_ROWS
      }
      row += rows;
    }
  }
}

#define TILES_SPREAD(name, most, attributes)                                                       \
  static attributes void name(                                                                     \
      const tiles_product_t *_Nonnull p, const unsigned char *_Nonnull argmax) {                    \
    tiles_spread_all(p, argmax, most);                                                             \
  }

#if defined(__x86_64__)
TILES_SPREAD(tiles_spread_512, 8, __attribute__((target("avx512f"))))
TILES_SPREAD(tiles_spread_256, 5, __attribute__((target("avx2,fma"))))
#endif
TILES_SPREAD(tiles_spread_128, 2, )

/// A sliding product whose lines come in windows of four that share a vector of the right factor, each
/// lane of which belongs to the line that won: a filter gradient after a pooling. Columns fill vectors.
static inline void tiles_spread(
    const tiles_product_t *_Nonnull p, const unsigned char *_Nonnull argmax) {
  TILES_WIDEST(tiles_spread, p, argmax)
}

/// Whether the processor has vectors of 512 bits.
static inline bool tiles_are_wide(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}
