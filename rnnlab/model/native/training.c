/* One recurrent layer over a whole window, forward and backward: what training spends its time in.
 *
 * Matrix products take bfloat16 and add up in float32 (vdpbf16ps, AVX-512 BF16); the state, the
 * pointwise part and all that leaves this file is float32. Weights are packed once per window.
 * Threads share out the streams, so a window needs one fork and join and no barrier in between,
 * and no number depends on how many threads there are. Knows no autograd and allocates only scratch.
 *
 * Shapes: T time, N streams, H hidden, D dense input, V vocabulary, G gates of the weights, and
 * Q blocks of gates here: lstm input, forget, cell, output; gru reset, update, and the new gate's input
 * and recurrent halves apart; rnn one. Hp and Dp are H and D rounded up to PANEL. In "packed order"
 * the Q·Hp gates of a step lie [unit group of 32][Q][32]; `source` says which row of the weights each is.
 */
#define _GNU_SOURCE
#include <stdint.h>

enum { LSTM = 0, GRU = 1, RNN = 2 };

typedef struct {
    int64_t cell, T, N, H, D, V, threads; /* D or V 0: no dense, no one-hot input */
    const float *input_weight;            /* (G·H, D) */
    const float *recurrent_weight;        /* (G·H, H) */
    const float *bias;                    /* (Q·Hp) packed order */
    const float *table;                   /* (V, Q·Hp) packed order: what each symbol adds */
    const int64_t *symbols;               /* (T, N) */
    const float *scale;                   /* (T, N), or null for ones */
    const float *dense;                   /* (T, N, D) */
    uint16_t *packed;                     /* weights, Q·Hp·(Dp + Hp) */
    uint16_t *x;                          /* (T, N, Dp), `dense` as bfloat16 */
    uint16_t *h;                          /* (T + 1, N, Hp): hidden states; [0] is the first one's */
    float *carry;                         /* (T + 1, N, Hp): lstm cell state, else hidden state; likewise */
    float *gates;                         /* (T, N, Q·Hp) after their nonlinearities, or null */
    float *out;                           /* (T, N, H) */
    const float *d_out;                   /* (T, N, H): gradients from here on */
    float *d_h;                           /* (N, Hp): in of the last hidden state, out of the first */
    float *d_carry;                       /* (N, Hp): likewise (lstm); else scratch, zero at first */
    uint16_t *d_gates;                    /* (T, N, Q·Hp) */
    float *d_x;                           /* (T, N, Dp), or null */
    uint16_t *pairs;                      /* scratch, (T·N + 1)·(Dp + Hp) */
    float *d_input_weight;                /* (G·H, D) */
    float *d_recurrent_weight;            /* (G·H, H) */
    float *d_bias;                        /* (Q·Hp) packed order */
    float *d_table;                       /* (V, Q·Hp) packed order, zero at first */
    uint16_t *turned;                     /* the output layer alone: weights packed for the way back, Hp·Dp */
    double *losses;                       /* likewise: (T·N / BLOCK rounded up), sums of the losses of BLOCK rows */
} Job;

enum { BLOCK = 48 };

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512VL__) || !defined(__AVX512BF16__)

int layer_supported(void) { return 0; }
int layer_forward(const Job *job) { return job == 0; }
int layer_backward(const Job *job) { return job == 0; }
int output_loss(const Job *job) { return job == 0; }

#else

#include <dlfcn.h>
#include <immintrin.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
enum { PANEL = 32, ROWS = 12, SUB = 8, DEPTH = 128, SPAN = 4 * DEPTH, MOST_THREADS = 256 };

typedef __m512 vec;

static int64_t rounded(int64_t size) { return (size + PANEL - 1) / PANEL * PANEL; }
static int64_t blocks(const Job *job) { return job->cell == RNN ? 1 : 4; }
static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* Which block of the weights' rows feeds gate block q from the input (side 0) or the hidden state (side 1); -1: none. */
static int64_t source(const Job *job, int64_t q, int side) {
    if (job->cell != GRU || q < 2) return q;
    return (q == 2) == (side == 0) ? 2 : -1;
}

/* ---- threads ------------------------------------------------------------------------------ */

typedef void (*Work)(const Job *, int64_t item, int64_t items);

typedef struct {
    Work work;
    const Job *job;
    int64_t items;
    atomic_llong next;
} Team;

static void team_member(void *argument) {
    Team *team = argument;
    for (int64_t item; (item = atomic_fetch_add(&team->next, 1)) < team->items;) team->work(team->job, item, team->items);
}

static void *team_thread(void *argument) {
    team_member(argument);
    return NULL;
}

/* All items, shared out over the job's threads; those of torch's own OpenMP pool where it can be reached, so
 * that two pools never fight for the cores. */
static void share(const Job *job, int64_t items, Work work) {
    typedef void (*Parallel)(void (*)(void *), void *, unsigned, unsigned);
    static Parallel parallel;
    static atomic_int looked;
    Team team = {work, job, items, 0};
    int64_t threads = smaller(smaller(job->threads, items), MOST_THREADS);
    if (threads <= 1) {
        team_member(&team);
        return;
    }
    if (!atomic_load(&looked)) {
        *(void **)&parallel = dlsym(RTLD_DEFAULT, "GOMP_parallel");
        atomic_store(&looked, 1);
    }
    if (parallel) {
        parallel(team_member, &team, (unsigned)threads, 0);
        return;
    }
    pthread_t others[MOST_THREADS];
    int64_t started = 0;
    while (started < threads - 1 && pthread_create(&others[started], NULL, team_thread, &team) == 0) started++;
    team_member(&team);
    while (started > 0) pthread_join(others[--started], NULL);
}

/* ---- numbers ------------------------------------------------------------------------------ */

INLINE vec load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void store(float *p, vec x) { _mm512_storeu_ps(p, x); }
INLINE vec set(float x) { return _mm512_set1_ps(x); }
INLINE __m256i narrow(vec x) { return (__m256i)_mm512_cvtneps_pbh(x); }
INLINE vec widen(__m256i x) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16)); }
INLINE __mmask16 lanes(int64_t count) { return count >= 16 ? 0xffff : count <= 0 ? 0 : (__mmask16)((1u << count) - 1); }

/* e^x to about 1e-7, for |x| up to 87, clamped beyond; NaN stays NaN (min and max hand on their second operand). */
INLINE vec exponential(vec x) {
    x = _mm512_max_ps(set(-87.f), _mm512_min_ps(set(87.f), x));
    vec n = _mm512_roundscale_ps(_mm512_mul_ps(x, set(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    vec r = _mm512_fnmadd_ps(n, set(0.693359375f), x);
    r = _mm512_fnmadd_ps(n, set(-2.12194440e-4f), r);
    vec p = set(1.9875691500e-4f);
    p = _mm512_fmadd_ps(p, r, set(1.3981999507e-3f));
    p = _mm512_fmadd_ps(p, r, set(8.3334519073e-3f));
    p = _mm512_fmadd_ps(p, r, set(4.1665795894e-2f));
    p = _mm512_fmadd_ps(p, r, set(1.6666665459e-1f));
    p = _mm512_fmadd_ps(p, r, set(5.0000001201e-1f));
    p = _mm512_fmadd_ps(p, _mm512_mul_ps(r, r), _mm512_add_ps(r, set(1.f)));
    return _mm512_scalef_ps(p, n);
}

/* 1/x by the hardware's estimate and one step of Newton; x is at least 1 here, or NaN. */
INLINE vec inverse(vec x) {
    vec y = _mm512_rcp14_ps(x);
    return _mm512_mul_ps(y, _mm512_fnmadd_ps(x, y, set(2.f)));
}

INLINE vec sigmoid(vec x) { return inverse(_mm512_add_ps(set(1.f), exponential(_mm512_sub_ps(set(0.f), x)))); }
INLINE vec hyperbolic(vec x) { /* tanh x = 2 sigmoid(2x) - 1: absolute error about 1e-7 */
    return _mm512_fmsub_ps(set(2.f), sigmoid(_mm512_add_ps(x, x)), set(1.f));
}
INLINE vec slope(vec gate) { return _mm512_fnmadd_ps(gate, gate, gate); }        /* s (1 - s) */
INLINE vec steepness(vec value) { return _mm512_fnmadd_ps(value, value, set(1.f)); } /* 1 - t^2 */

/* ---- products ----------------------------------------------------------------------------- */

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

/* ---- forward ------------------------------------------------------------------------------ */

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

/* ---- backward ----------------------------------------------------------------------------- */

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

/* ---- output layer and loss ---------------------------------------------------------------- */

/* The output layer is an rnn layer without recurrence, with a softmax for its tanh: H symbols, `dense` (T, N, D) the
 * features, `symbols` the targets. Gradients are those of the mean loss in nats per character. */

/* Loss of one row of logits (Hp, padding included); `d` becomes the gradient of the mean loss over `rows` rows. */
static double softmax(const float *sums, const float *bias, int64_t H, int64_t target, int64_t rows, uint16_t *d) {
    float logits[256 + 2 * PANEL], *scratch = logits;
    int64_t Hp = rounded(H);
    if (Hp > 256 && !(scratch = malloc((size_t)Hp * sizeof(float)))) abort();
    vec most = set(-3e38f), total = _mm512_setzero_ps();
    for (int64_t v = 0; v < Hp; v += 16) {
        vec logit = _mm512_add_ps(load(sums + v), load(bias + v));
        store(scratch + v, logit);
        most = _mm512_mask_max_ps(most, lanes(H - v), most, logit);
    }
    float peak = _mm512_reduce_max_ps(most), right = scratch[target] - peak;
    for (int64_t v = 0; v < Hp; v += 16) {
        vec e = _mm512_maskz_mov_ps(lanes(H - v), exponential(_mm512_sub_ps(load(scratch + v), set(peak))));
        store(scratch + v, e);
        total = _mm512_add_ps(total, e);
    }
    float sum = _mm512_reduce_add_ps(total);
    if (d) {
        vec share = set(1.f / (sum * (float)rows));
        scratch[target] -= sum;
        for (int64_t v = 0; v < Hp; v += 16)
            _mm256_storeu_si256((__m256i *)(d + v), narrow(_mm512_mul_ps(load(scratch + v), share)));
    }
    if (scratch != logits) free(scratch);
    return log(sum) - right;
}

static void rows_output(const Job *job, int64_t item, int64_t items) {
    (void)items;
    int64_t rows = job->T * job->N, from = item * BLOCK, to = smaller(rows, from + BLOCK);
    int64_t H = job->H, Hp = rounded(H), Dp = rounded(job->D);
    const Factor none = {job->x, 0, job->packed, 0};
    float *sums = aligned_alloc(64, (size_t)(BLOCK * Hp) * sizeof(float));
    if (!sums) abort();
    for (int64_t v = 0; v < Hp; v += PANEL)
        product(to - from, (Factor){job->x + from * Dp, Dp, job->packed + v * (Dp + Hp), Dp / 2}, none, sums + v, Hp);
    double loss = 0;
    for (int64_t row = from; row < to; row++)
        loss += softmax(sums + (row - from) * Hp, job->bias, H, job->symbols[row], rows, job->d_x ? job->d_gates + row * Hp : NULL);
    job->losses[item] = loss;
    for (int64_t k = 0; job->d_x && k < Dp; k += PANEL)
        product(to - from, (Factor){job->d_gates + from * Hp, Hp, job->turned + k * Hp, Hp / 2}, none, job->d_x + from * Dp + k, Dp);
    free(sums);
}

static void pack_turned(const Job *job, int64_t item, int64_t items) {
    pack_backward(job, item + rounded(job->H) / PANEL, items);
}

/* ---- doors -------------------------------------------------------------------------------- */

/* Each returns 0, or 1 where a symbol is out of range. */

static int out_of_range(const Job *job, int64_t size) {
    for (int64_t row = 0; size && row < job->T * job->N; row++)
        if (job->symbols[row] < 0 || job->symbols[row] >= size) return 1;
    return 0;
}

int layer_supported(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bf16");
}

int layer_forward(const Job *job) {
    if (out_of_range(job, job->V)) return 1;
    share(job, rounded(job->H) / PANEL * blocks(job), pack_forward);
    if (job->D) share(job, job->threads, narrow_input);
    share(job, smaller(job->threads, job->N), streams_forward);
    return 0;
}

int layer_backward(const Job *job) {
    int64_t Hp = rounded(job->H), Dp = rounded(job->D);
    share(job, (Hp + (job->d_x ? Dp : 0)) / PANEL, pack_backward);
    share(job, smaller(job->threads, job->N), streams_backward);
    share(job, (Dp + Hp) / PANEL, pair_inputs);
    share(job, Hp / PANEL, weights_backward);
    return 0;
}

/* The loss, and all gradients where d_x is given; cell is rnn, and V is 0. */
int output_loss(const Job *job) {
    if (out_of_range(job, job->H)) return 1;
    int64_t Hp = rounded(job->H), Dp = rounded(job->D);
    share(job, Hp / PANEL, pack_forward);
    share(job, job->threads, narrow_input);
    if (job->d_x) share(job, Dp / PANEL, pack_turned);
    share(job, (job->T * job->N + BLOCK - 1) / BLOCK, rows_output);
    if (!job->d_x) return 0;
    share(job, Dp / PANEL, pair_inputs);
    share(job, Hp / PANEL, weights_backward);
    return 0;
}

#endif
