/* A layer over a window: weights packed, then step by step through time.
 *
 * Shapes: see training.c.
 */
#pragma once
#include <stdlib.h>

#include "training_products.h"

/* Rows of 16 words become columns. */
INLINE void transpose(__m512i w[16]) {
    __m512i a[16];
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        a[i] = _mm512_unpacklo_epi32(w[i], w[i + 1]);
        a[i + 1] = _mm512_unpackhi_epi32(w[i], w[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) {
        w[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
        w[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
        w[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
        w[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        __m512i b0 = _mm512_shuffle_i32x4(w[i], w[i + 4], 0x88), b1 = _mm512_shuffle_i32x4(w[i], w[i + 4], 0xdd);
        __m512i b2 = _mm512_shuffle_i32x4(w[i + 8], w[i + 12], 0x88), b3 = _mm512_shuffle_i32x4(w[i + 8], w[i + 12], 0xdd);
        a[i] = _mm512_shuffle_i32x4(b0, b2, 0x88);
        a[i + 8] = _mm512_shuffle_i32x4(b0, b2, 0xdd);
        a[i + 4] = _mm512_shuffle_i32x4(b1, b3, 0x88);
        a[i + 12] = _mm512_shuffle_i32x4(b1, b3, 0xdd);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) w[i] = a[i];
}

/* Panel [pair][32][2] for 32 units of one gate block: columns are rows of `weight` (rows, depth). */
static void pack_rows(const float *weight, int64_t first, int64_t valid, int64_t depth, uint16_t *panel) {
    for (int64_t half = 0; half < PANEL; half += 16)
        for (int64_t k = 0; k < rounded(depth); k += 32) {
            __m512i words[16]; /* of each unit: 16 pairs of neighbours */
#pragma GCC unroll 16
            for (int64_t unit = 0; unit < 16; unit++) {
                int here = half + unit < valid;
                const float *row = weight + (here ? (first + half + unit) * depth + k : 0);
                vec a = _mm512_maskz_loadu_ps(here ? lanes(depth - k) : 0, row);
                vec b = _mm512_maskz_loadu_ps(here ? lanes(depth - k - 16) : 0, row + (here ? 16 : 0));
                words[unit] = (__m512i)_mm512_cvtne2ps_pbh(b, a);
            }
            transpose(words);
#pragma GCC unroll 16
            for (int pair = 0; pair < 16; pair++)
                _mm512_storeu_si512(panel + (k / 2 + pair) * 2 * PANEL + half * 2, words[pair]);
        }
}

static void pack_forward(const Job *job, int64_t item, int64_t items) {
    (void)items;
    int64_t H = job->H, Q = blocks(job), Dp = rounded(job->D), Hp = rounded(H);
    int64_t group = item / Q, q = item % Q;
    uint16_t *panel = job->packed + item * PANEL * (Dp + Hp);
    for (int side = 0; side < 2; side++) {
        int64_t depth = side ? H : job->D, from = source(job, q, side);
        if (from < 0 || depth == 0 || (side && !job->recurrent_weight)) continue;
        pack_rows(side ? job->recurrent_weight : job->input_weight, from * H + group * PANEL, H - group * PANEL, depth,
                  panel + side * PANEL * Dp);
    }
}

static void narrow_input(const Job *job, int64_t item, int64_t items) {
    int64_t D = job->D, Dp = rounded(D), rows = job->T * job->N;
    for (int64_t row = rows * item / items; row < rows * (item + 1) / items; row++)
        for (int64_t d = 0; d < Dp; d += 16)
            _mm256_storeu_si256((__m256i *)(job->x + row * Dp + d),
                                narrow(_mm512_maskz_loadu_ps(lanes(D - d), job->dense + row * D + d)));
}

/* The pointwise part for 16 units of one stream; a: what the gates are before their nonlinearity, then after it. */
INLINE vec cell_forward(const int64_t cell, vec a[4], vec *carry) {
    if (cell == LSTM) {
        a[0] = sigmoid(a[0]), a[1] = sigmoid(a[1]), a[2] = hyperbolic(a[2]), a[3] = sigmoid(a[3]);
        *carry = _mm512_fmadd_ps(a[1], *carry, _mm512_mul_ps(a[0], a[2]));
        return _mm512_mul_ps(a[3], hyperbolic(*carry));
    }
    if (cell == GRU) {
        a[0] = sigmoid(a[0]), a[1] = sigmoid(a[1]), a[2] = hyperbolic(_mm512_fmadd_ps(a[0], a[3], a[2]));
        return *carry = _mm512_fmadd_ps(a[1], _mm512_sub_ps(*carry, a[2]), a[2]);
    }
    return *carry = a[0] = hyperbolic(a[0]);
}

/* Streams [from, to), 32 units from `unit` on, at time t; sums (streams, Q·32) are the products. */
INLINE void units_forward(const int64_t cell, const Job *job, int64_t t, int64_t from, int64_t to, int64_t unit,
                          const float *sums) {
    const int64_t Q = cell == RNN ? 1 : 4, H = job->H, Hp = rounded(H), N = job->N;
    for (int64_t n = from; n < to; n++) {
        int64_t row = t * N + n;
        const float *entry = job->V ? job->table + job->symbols[row] * Q * Hp + unit * Q : NULL;
        vec scale = set(job->V && job->scale ? job->scale[row] : 1.f);
        for (int64_t j = 0; j < PANEL; j += 16) {
            vec a[4];
            for (int64_t q = 0; q < Q; q++) {
                a[q] = _mm512_add_ps(load(sums + (n - from) * Q * PANEL + q * PANEL + j), load(job->bias + unit * Q + q * PANEL + j));
                if (entry) a[q] = _mm512_fmadd_ps(scale, load(entry + q * PANEL + j), a[q]);
            }
            vec carry = load(job->carry + row * Hp + unit + j);
            vec h = cell_forward(cell, a, &carry);
            store(job->carry + (row + N) * Hp + unit + j, carry);
            _mm256_storeu_si256((__m256i *)(job->h + (row + N) * Hp + unit + j), narrow(h));
            _mm512_mask_storeu_ps(job->out + row * H + unit + j, lanes(H - unit - j), h);
            if (job->gates)
                for (int64_t q = 0; q < Q; q++) store(job->gates + row * Q * Hp + unit * Q + q * PANEL + j, a[q]);
        }
    }
}

static void streams_forward(const Job *job, int64_t item, int64_t items) {
    int64_t N = job->N, Q = blocks(job), Dp = rounded(job->D), Hp = rounded(job->H);
    int64_t from = N * item / items, to = N * (item + 1) / items;
    float *sums = aligned_alloc(64, (size_t)((to - from) * Q * PANEL) * sizeof(float));
    if (!sums) abort();
    for (int64_t t = 0; t < job->T; t++) {
        const uint16_t *x = job->x + (t * N + from) * Dp, *h = job->h + (t * N + from) * Hp;
        for (int64_t unit = 0; unit < Hp; unit += PANEL) {
            for (int64_t q = 0; q < Q; q++) {
                const uint16_t *panel = job->packed + (unit / PANEL * Q + q) * PANEL * (Dp + Hp);
                Factor input = {x, Dp, panel, source(job, q, 0) < 0 ? 0 : Dp / 2};
                Factor hidden = {h, Hp, panel + PANEL * Dp, source(job, q, 1) < 0 ? 0 : Hp / 2};
                product(to - from, input, hidden, sums + q * PANEL, Q * PANEL);
            }
            if (job->cell == LSTM) units_forward(LSTM, job, t, from, to, unit, sums);
            else if (job->cell == GRU) units_forward(GRU, job, t, from, to, unit, sums);
            else units_forward(RNN, job, t, from, to, unit, sums);
        }
    }
    free(sums);
}
