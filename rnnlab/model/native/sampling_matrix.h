/* Matrices in the order in which they are read, and their product with the activations of N streams.
 *
 * int8: signed weights, unsigned activations, sums that are exact integers. float32: one accumulator
 * per sum, over the inputs in ascending order. Either way a stream's result is the same bits in any
 * company. Shapes: N streams, R rows of a matrix, K its inputs.
 */
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

enum { TILE = 64 }; /* rows that lie together */
#if defined(__AVX512F__)
enum { GROUP = 6 }; /* streams computed together: 6 x 4 accumulators of 16 lanes fill the registers */
#else
enum { GROUP = 2 };
#endif

typedef struct {
    int rows, depth, padded_rows, padded_depth; /* rows to a multiple of TILE, depth to one of 4 */
    int8_t *small;                              /* int8: [tile][depth/4][TILE][4] */
    float *wide;                                /* float32: [tile][depth][TILE] */
    float *scale;                               /* int8: (R,) of one unit of the sum */
    int32_t *offset;                            /* int8: (R,) -128 x sum of the row: activations are shifted by 128 */
} Matrix;

static void *zeroed(size_t bytes) {
    size_t size = (bytes + 127) / 64 * 64;
    void *memory = aligned_alloc(64, size);
    if (memory) memset(memory, 0, size);
    return memory;
}

static int pack(Matrix *m, int rows, int depth, const void *weights, const float *scale) {
    m->rows = rows, m->depth = depth;
    m->padded_rows = (rows + TILE - 1) / TILE * TILE;
    m->padded_depth = (depth + 3) / 4 * 4;
    size_t cells = (size_t)m->padded_rows * m->padded_depth;
    if (!scale) {
        const float *w = weights;
        m->wide = zeroed(cells * 4);
        if (!m->wide) return 0;
        for (int r = 0; r < rows; r++) {
            float *to = m->wide + (size_t)(r / TILE) * TILE * m->padded_depth + r % TILE;
            for (int k = 0; k < depth; k++) to[(size_t)k * TILE] = w[(size_t)r * depth + k];
        }
        return 1;
    }
    const int8_t *w = weights;
    m->small = zeroed(cells);
    m->scale = zeroed((size_t)m->padded_rows * 4);
    m->offset = zeroed((size_t)m->padded_rows * 4);
    if (!m->small || !m->scale || !m->offset) return 0;
    memcpy(m->scale, scale, (size_t)rows * 4);
    for (int r = 0; r < rows; r++) {
        int8_t *to = m->small + (size_t)(r / TILE) * TILE * m->padded_depth + r % TILE * 4;
        int32_t sum = 0;
        for (int k = 0; k < depth; k++) {
            int8_t value = w[(size_t)r * depth + k];
            to[(size_t)(k / 4) * TILE * 4 + k % 4] = value;
            sum += value;
        }
        m->offset[r] = -128 * sum;
    }
    return 1;
}

/* One tile of TILE rows for up to GROUP streams: sums (n, TILE). x is (n, padded_depth) unsigned. */
#if defined(__AVX512VNNI__) && defined(__AVX512F__)
/* The accumulators have names of their own, four to a stream: as an array they would live in memory. */
#define EACH_1(DO) DO(0)
#define EACH_2(DO) EACH_1(DO) DO(1)
#define EACH_3(DO) EACH_2(DO) DO(2)
#define EACH_4(DO) EACH_3(DO) DO(3)
#define EACH_5(DO) EACH_4(DO) DO(4)
#define EACH_6(DO) EACH_5(DO) DO(5)
#define BEGIN(S) __m512i a##S = zero, b##S = zero, c##S = zero, d##S = zero;
#define ADD(S)                                              \
    memcpy(&four, x + (size_t)S * depth + k, sizeof four);  \
    v = _mm512_set1_epi32(four);                            \
    a##S = _mm512_dpbusd_epi32(a##S, v, w0);                \
    b##S = _mm512_dpbusd_epi32(b##S, v, w1);                \
    c##S = _mm512_dpbusd_epi32(c##S, v, w2);                \
    d##S = _mm512_dpbusd_epi32(d##S, v, w3);
#define END(S)                                        \
    _mm512_storeu_si512(sums + S * TILE, a##S);       \
    _mm512_storeu_si512(sums + S * TILE + 16, b##S);  \
    _mm512_storeu_si512(sums + S * TILE + 32, c##S);  \
    _mm512_storeu_si512(sums + S * TILE + 48, d##S);
#define INT_TILE(COUNT)                                                                         \
    static void int_tile_##COUNT(const int8_t *w, const uint8_t *x, int depth, int32_t *sums) { \
        const __m512i zero = _mm512_setzero_si512();                                            \
        EACH_##COUNT(BEGIN)                                                                     \
        for (int k = 0; k < depth; k += 4, w += TILE * 4) {                                     \
            __m512i w0 = _mm512_load_si512(w), w1 = _mm512_load_si512(w + 64), v;               \
            __m512i w2 = _mm512_load_si512(w + 128), w3 = _mm512_load_si512(w + 192);           \
            int32_t four;                                                                       \
            EACH_##COUNT(ADD)                                                                   \
        }                                                                                       \
        EACH_##COUNT(END)                                                                       \
    }
INT_TILE(1) INT_TILE(2) INT_TILE(3) INT_TILE(4) INT_TILE(5) INT_TILE(6)
static void (*const int_tiles[])(const int8_t *, const uint8_t *, int, int32_t *) = {
    0, int_tile_1, int_tile_2, int_tile_3, int_tile_4, int_tile_5, int_tile_6};
static void int_tile(const int8_t *w, const uint8_t *x, int depth, int n, int32_t *sums) {
    int_tiles[n](w, x, depth, sums);
}
#elif defined(__AVX2__)
/* Four rows at a time as 16-bit products: 8-bit ones would saturate. */
static void int_tile(const int8_t *w, const uint8_t *x, int depth, int n, int32_t *sums) {
    for (int s = 0; s < n; s++, x += depth, sums += TILE)
        for (int half = 0; half < TILE; half += 32) {
            __m256i a[8];
            for (int b = 0; b < 8; b++) a[b] = _mm256_setzero_si256();
            for (int k = 0; k < depth; k += 4) {
                int32_t four;
                memcpy(&four, x + k, 4);
                __m256i v = _mm256_cvtepu8_epi16(_mm_set1_epi32(four));
                const int8_t *from = w + (size_t)k * TILE + half * 4;
                for (int b = 0; b < 8; b++) {
                    __m256i wide = _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(from + 16 * b)));
                    a[b] = _mm256_add_epi32(a[b], _mm256_madd_epi16(v, wide));
                }
            }
            for (int b = 0; b < 8; b += 2) { /* pairs of lanes hold halves of one row */
                __m256i pairs = _mm256_hadd_epi32(a[b], a[b + 1]);
                _mm256_storeu_si256((__m256i *)(sums + half + 4 * b), _mm256_permute4x64_epi64(pairs, 0xd8));
            }
        }
}
#else
static void int_tile(const int8_t *w, const uint8_t *x, int depth, int n, int32_t *sums) {
    for (int s = 0; s < n; s++, x += depth, sums += TILE) {
        memset(sums, 0, TILE * sizeof *sums);
        for (int k = 0; k < depth; k += 4)
            for (int r = 0; r < TILE; r++) {
                const int8_t *from = w + (size_t)k * TILE + r * 4;
                sums[r] += x[k] * from[0] + x[k + 1] * from[1] + x[k + 2] * from[2] + x[k + 3] * from[3];
            }
    }
}
#endif

#if defined(__AVX512F__)
typedef __m512 Lanes;
enum { WIDTH = 16 };
#define lanes_load _mm512_load_ps
#define lanes_store _mm512_storeu_ps
#define lanes_all _mm512_set1_ps
#define lanes_add_product(sum, a, b) _mm512_fmadd_ps(a, b, sum)
#elif defined(__AVX2__) && defined(__FMA__)
typedef __m256 Lanes;
enum { WIDTH = 8 };
#define lanes_load _mm256_load_ps
#define lanes_store _mm256_storeu_ps
#define lanes_all _mm256_set1_ps
#define lanes_add_product(sum, a, b) _mm256_fmadd_ps(a, b, sum)
#else
typedef float Lanes __attribute__((vector_size(16), aligned(16)));
enum { WIDTH = 4 };
static Lanes lanes_load(const float *from) { return *(const Lanes *)from; }
static void lanes_store(float *to, Lanes value) { memcpy(to, &value, sizeof value); }
static Lanes lanes_all(float value) { return (Lanes){value, value, value, value}; }
static Lanes lanes_add_product(Lanes sum, Lanes a, Lanes b) { return sum + a * b; }
#endif

#define FLOAT_TILE(COUNT)                                                                                   \
    static void float_tile_##COUNT(const float *w, const float *x, int depth, float *sums) {                \
        enum { BLOCKS = WIDTH == 16 ? 4 : 2 };                                                              \
        for (int first = 0; first < TILE; first += BLOCKS * WIDTH) {                                        \
            Lanes a[COUNT][BLOCKS];                                                                         \
            for (int s = 0; s < COUNT; s++)                                                                 \
                for (int b = 0; b < BLOCKS; b++) a[s][b] = lanes_all(0);                                    \
            for (int k = 0; k < depth; k++)                                                                 \
                for (int s = 0; s < COUNT; s++) {                                                           \
                    Lanes v = lanes_all(x[(size_t)s * depth + k]);                                          \
                    for (int b = 0; b < BLOCKS; b++)                                                        \
                        a[s][b] = lanes_add_product(a[s][b], v, lanes_load(w + k * TILE + first + b * WIDTH)); \
                }                                                                                           \
            for (int s = 0; s < COUNT; s++)                                                                 \
                for (int b = 0; b < BLOCKS; b++) lanes_store(sums + s * TILE + first + b * WIDTH, a[s][b]); \
        }                                                                                                   \
    }
FLOAT_TILE(1) FLOAT_TILE(2)
#if defined(__AVX512F__)
FLOAT_TILE(3) FLOAT_TILE(4) FLOAT_TILE(5) FLOAT_TILE(6)
#endif
static void float_tile(const float *w, const float *x, int depth, int n, float *sums) {
    switch (n) {
    case 1: float_tile_1(w, x, depth, sums); break;
    case 2: float_tile_2(w, x, depth, sums); break;
#if defined(__AVX512F__)
    case 3: float_tile_3(w, x, depth, sums); break;
    case 4: float_tile_4(w, x, depth, sums); break;
    case 5: float_tile_5(w, x, depth, sums); break;
    default: float_tile_6(w, x, depth, sums);
#endif
    }
}

/* y (N, padded_rows) = matrix times x (N, padded_depth), or with `add` += : uint8 activations or float32 ones. */
static void product(const Matrix *m, const void *x, int n, float *y, int add) {
    for (int row = 0; row < m->padded_rows; row += TILE)
        for (int s = 0; s < n; s += GROUP) {
            int count = n - s < GROUP ? n - s : GROUP;
            union {
                int32_t whole[GROUP * TILE];
                float real[GROUP * TILE];
            } sums;
            if (m->small)
                int_tile(m->small + (size_t)row * m->padded_depth, (const uint8_t *)x + (size_t)s * m->padded_depth,
                         m->padded_depth, count, sums.whole);
            else
                float_tile(m->wide + (size_t)row * m->padded_depth, (const float *)x + (size_t)s * m->padded_depth,
                           m->padded_depth, count, sums.real);
            for (int i = 0; i < count; i++) {
                float *to = y + (size_t)(s + i) * m->padded_rows + row;
                if (m->small)
                    for (int r = 0; r < TILE; r++) {
                        float part = (float)(sums.whole[i * TILE + r] + m->offset[row + r]) * m->scale[row + r];
                        to[r] = add ? to[r] + part : part;
                    }
                else
                    memcpy(to, sums.real + i * TILE, TILE * sizeof *to);
            }
        }
}
