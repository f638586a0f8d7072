/* Products of bfloat16 pairs, added up in float32 (vdpbf16ps).
 *
 * Shapes: see training.c.
 */
#pragma once
#include <string.h>

#include "training_numbers.h"
#include "training_sizes.h"

/* One factor: rows of bfloat16 pairs times a panel [pair][32][2]. */
typedef struct {
    const uint16_t *rows;
    int64_t pitch;
    const uint16_t *panel;
    int64_t pairs;
} Factor;

/* out[r][0..31] = the sum of both factors' products, for R rows; R is a constant where this is inlined. */
INLINE void tile(const int R, Factor one, Factor two, float *out, int64_t out_pitch) {
    vec left[ROWS], right[ROWS];
#pragma GCC unroll 12
    for (int r = 0; r < R; r++) left[r] = right[r] = _mm512_setzero_ps();
    for (int part = 0; part < 2; part++) {
        Factor f = part ? two : one;
        for (int64_t k = 0; k < f.pairs; k++) {
            __m512bh w0 = (__m512bh)_mm512_loadu_si512(f.panel + k * 64);
            __m512bh w1 = (__m512bh)_mm512_loadu_si512(f.panel + k * 64 + 32);
#pragma GCC unroll 12
            for (int r = 0; r < R; r++) {
                int32_t pair;
                memcpy(&pair, f.rows + r * f.pitch + 2 * k, 4);
                __m512bh a = (__m512bh)_mm512_set1_epi32(pair);
                left[r] = _mm512_dpbf16_ps(left[r], a, w0);
                right[r] = _mm512_dpbf16_ps(right[r], a, w1);
            }
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < R; r++) {
        store(out + r * out_pitch, left[r]);
        store(out + r * out_pitch + 16, right[r]);
    }
}

#define TILE(R) \
    static __attribute__((noinline)) void tile_##R(Factor one, Factor two, float *out, int64_t pitch) { \
        tile(R, one, two, out, pitch); \
    }
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
static void (*const tiles[])(Factor, Factor, float *, int64_t) = {
    NULL, tile_1, tile_2, tile_3, tile_4, tile_5, tile_6, tile_7, tile_8, tile_9, tile_10, tile_11, tile_12};

/* Any number of rows, in blocks of nearly equal size. */
static void product(int64_t rows, Factor one, Factor two, float *out, int64_t pitch) {
    int64_t count = (rows + ROWS - 1) / ROWS;
    for (int64_t block = 0; block < count; block++) {
        int64_t from = rows * block / count, size = rows * (block + 1) / count - from;
        Factor a = {one.rows + from * one.pitch, one.pitch, one.panel, one.pairs};
        Factor b = {two.rows + from * two.pitch, two.pitch, two.panel, two.pairs};
        tiles[size](a, b, out + from * pitch, pitch);
    }
}

/* Two rows of 32 bfloat16 side by side as 32 pairs. */
INLINE void interleave(const uint16_t *even, const uint16_t *odd, uint16_t *pairs) {
    __m512i a = even ? _mm512_loadu_si512(even) : _mm512_setzero_si512();
    __m512i b = odd ? _mm512_loadu_si512(odd) : _mm512_setzero_si512();
    __m512i low = _mm512_cvtepu16_epi32(_mm512_castsi512_si256(a));
    __m512i high = _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(a, 1));
    low = _mm512_or_si512(low, _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(b)), 16));
    high = _mm512_or_si512(high, _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(b, 1)), 16));
    _mm512_storeu_si512(pairs, low);
    _mm512_storeu_si512(pairs + 32, high);
}
