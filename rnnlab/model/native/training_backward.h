/* The same backwards: gradients of gates and states step by step, then those of the weights in one product.
 *
 * Shapes: see training.c.
 */
#pragma once
#include <stdlib.h>

#include "training_products.h"

/* Panels [pair of gates][32][2]: columns are columns of the weights, first H's, then D's. */
static void pack_backward(const Job *job, int64_t item, int64_t items) {
    (void)items;
    int64_t H = job->H, Q = blocks(job), Hp = rounded(H);
    int side = item < Hp / PANEL;
    int64_t width = side ? H : job->D, column = (side ? item : item - Hp / PANEL) * PANEL;
    const float *weight = side ? job->recurrent_weight : job->input_weight;
    uint16_t *panel = job->turned ? job->turned + column * Hp : job->packed + item * PANEL * Q * Hp;
    for (int64_t unit = 0; unit < Hp; unit += PANEL)
        for (int64_t q = 0; q < Q; q++)
            for (int64_t j = unit; j < unit + PANEL; j += 2, panel += 2 * PANEL) {
                int64_t block = source(job, q, side);
                uint16_t rows[2][PANEL];
                for (int odd = 0; odd < 2; odd++)
                    for (int64_t k = 0; k < PANEL; k += 16) {
                        __mmask16 mask = block < 0 || j + odd >= H ? 0 : lanes(width - column - k);
                        vec values = _mm512_maskz_loadu_ps(mask, weight + (mask ? (block * H + j + odd) * width + column + k : 0));
                        _mm256_storeu_si256((__m256i *)(rows[odd] + k), narrow(values));
                    }
                interleave(rows[0], rows[1], panel);
            }
}

/* The pointwise part backwards: a the gates, d their gradients (out), d_h that of the output, before and after the carry. */
INLINE void cell_backward(const int64_t cell, const vec a[4], vec d[4], vec d_h, vec before, vec after, vec *d_carry) {
    if (cell == LSTM) {
        vec shape = hyperbolic(after);
        vec d_c = _mm512_fmadd_ps(_mm512_mul_ps(d_h, a[3]), steepness(shape), *d_carry);
        d[0] = _mm512_mul_ps(_mm512_mul_ps(d_c, a[2]), slope(a[0]));
        d[1] = _mm512_mul_ps(_mm512_mul_ps(d_c, before), slope(a[1]));
        d[2] = _mm512_mul_ps(_mm512_mul_ps(d_c, a[0]), steepness(a[2]));
        d[3] = _mm512_mul_ps(_mm512_mul_ps(d_h, shape), slope(a[3]));
        *d_carry = _mm512_mul_ps(d_c, a[1]);
    } else if (cell == GRU) { /* the carry is the hidden state: what flows past the gates */
        d_h = _mm512_add_ps(d_h, *d_carry);
        d[2] = _mm512_mul_ps(_mm512_fnmadd_ps(d_h, a[1], d_h), steepness(a[2]));
        d[3] = _mm512_mul_ps(d[2], a[0]);
        d[0] = _mm512_mul_ps(_mm512_mul_ps(d[2], a[3]), slope(a[0]));
        d[1] = _mm512_mul_ps(_mm512_mul_ps(d_h, _mm512_sub_ps(before, a[2])), slope(a[1]));
        *d_carry = _mm512_mul_ps(d_h, a[1]);
    } else {
        d[0] = _mm512_mul_ps(d_h, steepness(a[0]));
    }
}

INLINE void step_backward(const int64_t cell, const Job *job, int64_t t, int64_t from, int64_t to) {
    const int64_t Q = cell == RNN ? 1 : 4, H = job->H, Hp = rounded(H), N = job->N;
    for (int64_t n = from; n < to; n++) {
        int64_t row = t * N + n;
        for (int64_t unit = 0; unit < Hp; unit += 16) {
            int64_t place = row * Q * Hp + unit / PANEL * PANEL * Q + unit % PANEL;
            vec a[4], d[4];
            for (int64_t q = 0; q < Q; q++) a[q] = load(job->gates + place + q * PANEL);
            vec d_h = _mm512_add_ps(_mm512_maskz_loadu_ps(lanes(H - unit), job->d_out + row * H + unit), load(job->d_h + n * Hp + unit));
            vec d_carry = load(job->d_carry + n * Hp + unit);
            cell_backward(cell, a, d, d_h, load(job->carry + row * Hp + unit), load(job->carry + (row + N) * Hp + unit), &d_carry);
            store(job->d_carry + n * Hp + unit, d_carry);
            for (int64_t q = 0; q < Q; q++) _mm256_storeu_si256((__m256i *)(job->d_gates + place + q * PANEL), narrow(d[q]));
        }
    }
}

static void streams_backward(const Job *job, int64_t item, int64_t items) {
    int64_t N = job->N, Hp = rounded(job->H), Dp = rounded(job->D), depth = blocks(job) * Hp;
    int64_t from = N * item / items, to = N * (item + 1) / items;
    const Factor none = {job->d_gates, 0, job->packed, 0};
    for (int64_t t = job->T - 1; t >= 0; t--) {
        if (job->cell == LSTM) step_backward(LSTM, job, t, from, to);
        else if (job->cell == GRU) step_backward(GRU, job, t, from, to);
        else step_backward(RNN, job, t, from, to);
        const uint16_t *rows = job->d_gates + (t * N + from) * depth;
        for (int64_t k = 0; k < Hp; k += PANEL)
            product(to - from, (Factor){rows, depth, job->packed + k * depth, depth / 2}, none, job->d_h + from * Hp + k, Hp);
        for (int64_t k = 0; job->d_x && k < Dp; k += PANEL)
            product(to - from, (Factor){rows, depth, job->packed + (Hp + k) * depth, depth / 2}, none,
                    job->d_x + (t * N + from) * Dp + k, Dp);
    }
    if (job->cell == GRU) /* the first hidden state is the first carry as well */
        for (int64_t place = from * Hp; place < to * Hp; place++) job->d_h[place] += job->d_carry[place];
}

/* 32 columns of (rows, width) as pairs of rows, [pair][32][2]; a last row without partner gets zeros. */
static void pair_up(const uint16_t *matrix, int64_t rows, int64_t width, uint16_t *panel) {
    for (int64_t row = 0; row < rows; row += 2, panel += 2 * PANEL)
        interleave(matrix + row * width, row + 1 < rows ? matrix + (row + 1) * width : NULL, panel);
}

static void pair_inputs(const Job *job, int64_t item, int64_t items) {
    (void)items;
    int64_t rows = job->T * job->N, pairs = (rows + 1) / 2, Dp = rounded(job->D), Hp = rounded(job->H);
    uint16_t *panel = job->pairs + item * pairs * 2 * PANEL;
    if (item < Dp / PANEL) pair_up(job->x + item * PANEL, rows, Dp, panel);
    else pair_up(job->h + item * PANEL - Dp, rows, Hp, panel);
}

/* (8 gates, 32 inputs) of a weight gradient: adds `pairs` products to what is there, or begins. */
static __attribute__((noinline)) void outer(const uint16_t *gates, const uint16_t *inputs, int64_t pairs, float *out,
                                            int64_t pitch, int64_t rows, __mmask16 m0, __mmask16 m1, int begin) {
    vec left[SUB], right[SUB];
#pragma GCC unroll 8
    for (int r = 0; r < SUB; r++) {
        left[r] = right[r] = _mm512_setzero_ps();
        __builtin_prefetch(out + r * pitch, 1);
        __builtin_prefetch(out + r * pitch + 16, 1);
    }
    for (int64_t k = 0; k < pairs; k++) {
        __m512bh w0 = (__m512bh)_mm512_loadu_si512(inputs + k * 64);
        __m512bh w1 = (__m512bh)_mm512_loadu_si512(inputs + k * 64 + 32);
#pragma GCC unroll 8
        for (int r = 0; r < SUB; r++) {
            int32_t pair;
            memcpy(&pair, gates + k * 64 + 2 * r, 4);
            __m512bh a = (__m512bh)_mm512_set1_epi32(pair);
            left[r] = _mm512_dpbf16_ps(left[r], a, w0);
            right[r] = _mm512_dpbf16_ps(right[r], a, w1);
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < SUB; r++)
        if (r < rows) {
            float *at = out + r * pitch;
            if (!begin) left[r] = _mm512_add_ps(left[r], _mm512_maskz_loadu_ps(m0, at));
            if (!begin) right[r] = _mm512_add_ps(right[r], _mm512_maskz_loadu_ps(m1, at + 16));
            _mm512_mask_storeu_ps(at, m0, left[r]);
            _mm512_mask_storeu_ps(at + 16, m1, right[r]);
        }
}

/* Gradients of bias and table for the gates of 32 units. */
static void sum_gates(const Job *job, int64_t item) {
    int64_t Q = blocks(job), width = Q * rounded(job->H), rows = job->T * job->N;
    vec sums[8];
    for (int64_t part = 0; part < 2 * Q; part++) sums[part] = _mm512_setzero_ps();
    for (int64_t row = 0; row < rows; row++) {
        float *entry = job->V ? job->d_table + job->symbols[row] * width + item * Q * PANEL : NULL;
        vec scale = set(job->V && job->scale ? job->scale[row] : 1.f);
        for (int64_t part = 0; part < 2 * Q; part++) {
            vec d = widen(_mm256_loadu_si256((const __m256i *)(job->d_gates + row * width + item * Q * PANEL + part * 16)));
            sums[part] = _mm512_add_ps(sums[part], d);
            if (entry) store(entry + part * 16, _mm512_fmadd_ps(scale, d, load(entry + part * 16)));
        }
    }
    for (int64_t part = 0; part < 2 * Q; part++) store(job->d_bias + item * Q * PANEL + part * 16, sums[part]);
}

/* One panel of inputs times the gates of 32 units, over `pairs` pairs of rows. */
static void panel_backward(const Job *job, int64_t unit, int64_t panel, const uint16_t *gates, const uint16_t *inputs,
                           int64_t pairs, int begin) {
    int64_t H = job->H, Dp = rounded(job->D), Q = blocks(job);
    int side = panel >= Dp / PANEL;
    int64_t width = side ? H : job->D, column = panel * PANEL - (side ? Dp : 0);
    float *weight = side ? job->d_recurrent_weight : job->d_input_weight;
    for (int64_t q = 0; weight && q < Q; q++) {
        int64_t block = source(job, q, side);
        if (block < 0) continue;
        for (int64_t sub = 0; sub < PANEL && unit + sub < H; sub += SUB)
            outer(gates + q * SPAN * 2 * PANEL + sub * 2, inputs, pairs, weight + (block * H + unit + sub) * width + column,
                  width, H - unit - sub, lanes(width - column), lanes(width - column - 16), begin);
    }
}

/* Gradients of all weights that feed 32 units; a block of rows at a time, so that it stays in the cache. */
static void weights_backward(const Job *job, int64_t item, int64_t items) {
    (void)items;
    int64_t Q = blocks(job), panels = (rounded(job->D) + rounded(job->H)) / PANEL;
    int64_t rows = job->T * job->N, pairs = (rows + 1) / 2, width = Q * rounded(job->H);
    uint16_t *gates = aligned_alloc(64, (size_t)(Q * SPAN * 4 * PANEL));
    if (!gates) abort();
    sum_gates(job, item);
    for (int64_t from = 0; from < pairs; from += SPAN) {
        int64_t to = smaller(pairs, from + SPAN);
        for (int64_t q = 0; q < Q; q++)
            pair_up(job->d_gates + 2 * from * width + (item * Q + q) * PANEL, smaller(2 * SPAN, rows - 2 * from), width,
                    gates + q * SPAN * 2 * PANEL);
        for (int64_t panel = 0; panel < panels; panel++)
            for (int64_t k = from; k < to; k += DEPTH)
                panel_backward(job, item * PANEL, panel, gates + (k - from) * 2 * PANEL,
                               job->pairs + (panel * pairs + k) * 2 * PANEL, smaller(DEPTH, to - k), k == 0);
    }
    free(gates);
}
