/* Recurrent networks run one character at a time, with the draw inside.
 *
 * The model arrives folded (see rnnlab/model/sampling/weights.py): each layer is one matrix over
 * [output of the layer below | own hidden state] and one table of what each symbol adds. Nothing
 * here knows training, vocabularies or files.
 *
 * Two precisions. int8: weights signed with one scale per row, hidden states (which lie in -1..1)
 * as h * 127 + 128 unsigned; sums are integers, so the order of adding does not matter. float32:
 * each sum runs over the inputs in ascending order with one accumulator, so it does not matter
 * either how many streams are computed together. Everything else is done stream by stream.
 * Built with -ffp-contract=off: what is written is what is rounded, and the NumPy engine
 * (int8.py, cells.py, draw.py) computes the same bits.
 *
 * Shapes: N streams, T time, V vocabulary, H hidden, L layers, R rows of a matrix, K its inputs.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

enum { LSTM = 0, GRU = 1, RNN = 2 };
enum { TILE = 64, TOP = 5 };
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

/* What is added up for one set of rows. float32: one matrix over all inputs. int8: a layer has one matrix over
 * the layer below and one over its own state, each with scales of its own; the output has two over the same
 * inputs, the second for what the first one's rounding left. */
typedef struct {
    int count;
    Matrix matrix[2];
} Sum;

typedef struct {
    Sum sum;
    int rows;
    int lower;      /* inputs from the layer below: 0 or H */
    int table_rows; /* V, or 1 where no symbol reaches the layer */
    float *table;   /* (V or 1, R) */
} Layer;

typedef struct {
    int cell, layers, hidden, vocabulary, skip, quantized;
    Layer *layer;
    Sum output;
    float *output_bias;
} Model;

typedef struct {
    uint64_t seed;
    float temperature;
    int32_t top_k; /* 0: all */
    double top_p;  /* 1: all */
    float min_p;   /* 0: all */
} Settings;

static void *zeroed(size_t bytes) {
    size_t size = (bytes + 127) / 64 * 64;
    void *memory = aligned_alloc(64, size);
    if (memory) memset(memory, 0, size);
    return memory;
}

/* ---- the model -------------------------------------------------------------------------- */

static void free_sum(Sum *sum) {
    for (int i = 0; i < 2; i++) {
        free(sum->matrix[i].small);
        free(sum->matrix[i].wide);
        free(sum->matrix[i].scale);
        free(sum->matrix[i].offset);
    }
}

void rnnlab_free(Model *m) {
    if (!m) return;
    for (int l = 0; m->layer && l < m->layers; l++) {
        free_sum(&m->layer[l].sum);
        free(m->layer[l].table);
    }
    free_sum(&m->output);
    free(m->layer);
    free(m->output_bias);
    free(m);
}

Model *rnnlab_new(int cell, int layers, int hidden, int vocabulary, int skip, int quantized) {
    Model *m = zeroed(sizeof *m);
    if (!m) return NULL;
    m->cell = cell, m->layers = layers, m->hidden = hidden;
    m->vocabulary = vocabulary, m->skip = skip, m->quantized = quantized;
    m->layer = zeroed(sizeof(Layer) * layers);
    if (!m->layer) rnnlab_free(m), m = NULL;
    return m;
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

/* The doors through which a model comes in give 0 where memory is short. */
int rnnlab_layer(Model *m, int index, int lower, int rows, int table_rows, const float *table) {
    Layer *layer = &m->layer[index];
    size_t bytes = (size_t)table_rows * rows * 4;
    layer->rows = rows, layer->lower = lower, layer->table_rows = table_rows;
    layer->table = zeroed(bytes);
    if (layer->table) memcpy(layer->table, table, bytes);
    return layer->table != NULL;
}

int rnnlab_output(Model *m, const float *bias) {
    m->output_bias = zeroed((size_t)m->vocabulary * 4);
    if (m->output_bias) memcpy(m->output_bias, bias, (size_t)m->vocabulary * 4);
    return m->output_bias != NULL;
}

/* The next matrix of a layer, or of the output where index is L. int8 where scale is given, else float32. */
int rnnlab_matrix(Model *m, int index, int rows, int depth, const void *weights, const float *scale) {
    Sum *sum = index < m->layers ? &m->layer[index].sum : &m->output;
    return pack(&sum->matrix[sum->count++], rows, depth, weights, scale);
}

/* ---- matrix times streams --------------------------------------------------------------- */

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

/* ---- cells ------------------------------------------------------------------------------ */

/* e to the x, relative error below 2e-7: Cephes' expf, written so that any compiler vectorizes it. */
static inline float exponential(float x) {
    x = x > 88.0f ? 88.0f : x;
    x = x < -87.0f ? -87.0f : x;
    float whole = (x * 1.44269504088896341f + 12582912.0f) - 12582912.0f; /* 1.5 x 2^23: rounds to an integer */
    float rest = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * rest + 1.3981999507e-3f;
    p = p * rest + 8.3334519073e-3f;
    p = p * rest + 4.1665795894e-2f;
    p = p * rest + 1.6666665459e-1f;
    p = p * rest + 5.0000001201e-1f;
    p = (p * (rest * rest) + rest) + 1.0f;
    union {
        int32_t bits;
        float value;
    } power = {((int32_t)whole + 127) << 23};
    return p * power.value;
}

static inline float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

static inline float hyperbolic(float x) {
    float fall = exponential(-2.0f * fabsf(x));
    return copysignf((1.0f - fall) / (1.0f + fall), x);
}

/* gates (R,) from the product, table (R,); h and c (H,) are replaced. Gates: weights.py. */
static void lstm_cell(int hidden, const float *restrict g, const float *restrict t, float *restrict h,
                      float *restrict c) {
    for (int j = 0; j < hidden; j++) {
        float take = sigmoid(g[j] + t[j]);
        float forget = sigmoid(g[hidden + j] + t[hidden + j]);
        float fresh = hyperbolic(g[2 * hidden + j] + t[2 * hidden + j]);
        float give = sigmoid(g[3 * hidden + j] + t[3 * hidden + j]);
        float kept = forget * c[j] + take * fresh;
        c[j] = kept;
        h[j] = give * hyperbolic(kept);
    }
}

static void gru_cell(int hidden, const float *restrict g, const float *restrict t, float *restrict h) {
    for (int j = 0; j < hidden; j++) {
        float reset = sigmoid(g[j] + t[j]);
        float update = sigmoid(g[hidden + j] + t[hidden + j]);
        float below = g[2 * hidden + j] + t[2 * hidden + j];
        float own = g[3 * hidden + j] + t[3 * hidden + j];
        float fresh = hyperbolic(below + reset * own);
        h[j] = fresh + update * (h[j] - fresh);
    }
}

static void rnn_cell(int hidden, const float *restrict g, const float *restrict t, float *restrict h) {
    for (int j = 0; j < hidden; j++) h[j] = hyperbolic(g[j] + t[j]);
}

/* ---- one step --------------------------------------------------------------------------- */

typedef struct {
    void *x[2];   /* (N, deepest) activations of the matrices of one sum */
    float *gates; /* (N, most rows) */
    float *weights;
    int32_t *order;
} Scratch;

static void free_scratch(Scratch *s) {
    free(s->x[0]);
    free(s->x[1]);
    free(s->gates);
    free(s->weights);
    free(s->order);
}

static int make_scratch(const Model *m, int n, Scratch *s) {
    size_t deepest = 0, rows = 0;
    for (int l = 0; l <= m->layers; l++) {
        const Matrix *matrix = l < m->layers ? m->layer[l].sum.matrix : m->output.matrix;
        if ((size_t)matrix->padded_depth > deepest) deepest = matrix->padded_depth;
        if ((size_t)matrix->padded_rows > rows) rows = matrix->padded_rows;
    }
    s->x[0] = zeroed(deepest * n * 4);
    s->x[1] = zeroed(deepest * n * 4);
    s->gates = zeroed(rows * n * 4);
    s->weights = zeroed((size_t)m->vocabulary * 4);
    s->order = zeroed((size_t)m->vocabulary * 4);
    if (s->x[0] && s->x[1] && s->gates && s->weights && s->order) return 1;
    free_scratch(s);
    return 0;
}

/* Put hidden values (H,) where a product reads them, at place `at` of a stream's activations. */
static void place(const Model *m, void *activations, size_t at, const float *restrict h) {
    int hidden = m->hidden;
    if (!m->quantized) {
        memcpy((float *)activations + at, h, (size_t)hidden * 4);
        return;
    }
    uint8_t *restrict to = (uint8_t *)activations + at;
    for (int j = 0; j < hidden; j++) to[j] = (uint8_t)(int32_t)((h[j] * 127.0f + 12582912.0f) - 12582912.0f + 128.0f);
}

/* Hidden states lie as (L, all, H); this call works on n of the `all` streams. ids has a stride. */
static void step(const Model *m, float *h, float *c, int all, int n, const int32_t *ids, int stride, Scratch *s) {
    int hidden = m->hidden;
    for (int l = 0; l < m->layers; l++) {
        const Layer *layer = &m->layer[l];
        float *own = h + (size_t)l * all * hidden;
        const Matrix *first = layer->sum.matrix, *last = first + layer->sum.count - 1;
        size_t rows = first->padded_rows;
        for (int i = 0; i < n; i++) {
            if (layer->lower)
                place(m, s->x[0], (size_t)i * first->padded_depth, own - (size_t)all * hidden + (size_t)i * hidden);
            place(m, s->x[last - first], (size_t)i * last->padded_depth + (first == last ? layer->lower : 0),
                  own + (size_t)i * hidden);
        }
        product(first, s->x[0], n, s->gates, 0);
        if (last > first) product(last, s->x[1], n, s->gates, 1);
        for (int i = 0; i < n; i++) {
            size_t row = layer->table_rows > 1 ? ids[(size_t)i * stride] : 0;
            const float *table = layer->table + row * layer->rows, *gates = s->gates + i * rows;
            float *mine = own + (size_t)i * hidden;
            if (m->cell == LSTM)
                lstm_cell(hidden, gates, table, mine, c + ((size_t)l * all + i) * hidden);
            else if (m->cell == GRU)
                gru_cell(hidden, gates, table, mine);
            else
                rnn_cell(hidden, gates, table, mine);
        }
    }
}

/* logits (N, V) from the hidden states. */
static void read_out(const Model *m, const float *h, int all, int n, float *logits, Scratch *s) {
    const Matrix *first = m->output.matrix;
    size_t depth = first->padded_depth, rows = first->padded_rows;
    for (int i = 0; i < n; i++)
        for (int l = m->skip ? 0 : m->layers - 1, at = 0; l < m->layers; l++, at += m->hidden)
            place(m, s->x[0], i * depth + at, h + ((size_t)l * all + i) * m->hidden);
    product(first, s->x[0], n, s->gates, 0);
    if (m->output.count > 1) product(first + 1, s->x[0], n, s->gates, 1);
    for (int i = 0; i < n; i++)
        for (int v = 0; v < m->vocabulary; v++)
            logits[(size_t)i * m->vocabulary + v] = s->gates[i * rows + v] + m->output_bias[v];
}

/* ---- the draw (the order is draw.py's) -------------------------------------------------- */

/* Philox4x32-10 (Salmon et al. 2011), key = seed, counter = (position, stream); 53 bits in [0, 1). */
static double uniform(uint64_t seed, uint64_t stream, uint64_t position) {
    uint32_t a = (uint32_t)position, b = position >> 32, c = (uint32_t)stream, d = stream >> 32;
    uint32_t k = (uint32_t)seed, q = seed >> 32;
    for (int round = 0; round < 10; round++, k += 0x9E3779B9u, q += 0xBB67AE85u) {
        uint64_t left = (uint64_t)0xD2511F53u * a, right = (uint64_t)0xCD9E8D57u * c;
        a = (uint32_t)(right >> 32) ^ b ^ k;
        b = (uint32_t)right;
        c = (uint32_t)(left >> 32) ^ d ^ q;
        d = (uint32_t)left;
    }
    return (double)((((uint64_t)a << 32) | b) >> 11) * 0x1p-53;
}

/* order[0..keep) = the symbols of the greatest values, ties by the smaller symbol: a heap of the rest. */
static int before(const float *x, int32_t a, int32_t b) { return x[a] > x[b] || (x[a] == x[b] && a < b); }

static void sink(const float *x, int32_t *heap, int at, int size) {
    for (int child; (child = 2 * at + 1) < size; at = child) {
        if (child + 1 < size && before(x, heap[child + 1], heap[child])) child++;
        if (!before(x, heap[child], heap[at])) return;
        int32_t swap = heap[at];
        heap[at] = heap[child], heap[child] = swap;
    }
}

static void heapify(const float *x, int32_t *heap, int size) {
    for (int i = 0; i < size; i++) heap[i] = i;
    for (int i = size / 2 - 1; i >= 0; i--) sink(x, heap, i, size);
}

static int32_t pop(const float *x, int32_t *heap, int *size) {
    int32_t first = heap[0];
    heap[0] = heap[--*size];
    sink(x, heap, 0, *size);
    return first;
}

/* weights (V,) become exp((logit - greatest) / temperature), or -1 where a symbol is cut. */
static void cut(const float *logits, int vocabulary, const Settings *o, Scratch *s) {
    float *w = s->weights;
    if ((o->top_k > 0 && o->top_k < vocabulary) || o->top_p < 1.0) {
        int size = vocabulary, limit = o->top_k > 0 && o->top_k < vocabulary ? o->top_k : vocabulary, kept = 0;
        int32_t *heap = s->order;
        heapify(logits, heap, size);
        /* Popped symbols are written behind the shrinking heap: heap[V-1] is the first popped. */
        while (kept < limit) {
            int32_t symbol = pop(logits, heap, &size);
            heap[vocabulary - ++kept] = symbol;
        }
        if (o->top_p < 1.0) {
            double total = 0, sum = 0;
            for (int i = 1; i <= limit; i++) total += w[heap[vocabulary - i]];
            for (kept = 0; kept < limit;) {
                sum += w[heap[vocabulary - ++kept]];
                if (sum >= o->top_p * total) break;
            }
        }
        for (int i = 0; i < vocabulary - kept; i++) w[heap[i]] = -1.0f;
    }
    if (o->min_p > 0.0f)
        for (int v = 0; v < vocabulary; v++) w[v] = w[v] < o->min_p ? -1.0f : w[v];
}

static int32_t draw(const float *logits, int vocabulary, const Settings *o, uint64_t stream, uint64_t position,
                    Scratch *s) {
    float *w = s->weights;
    int best = 0;
    for (int v = 1; v < vocabulary; v++) best = logits[v] > logits[best] ? v : best;
    if (o->temperature == 0.0f) return best;
    float greatest = logits[best];
    for (int v = 0; v < vocabulary; v++) w[v] = exponential((logits[v] - greatest) / o->temperature);
    cut(logits, vocabulary, o, s);
    double total = 0, sum = 0;
    for (int v = 0; v < vocabulary; v++) total += w[v] > 0.0f ? w[v] : 0.0f;
    double target = uniform(o->seed, stream, position) * total;
    for (int v = 0; v < vocabulary; v++) {
        if (w[v] <= 0.0f) continue;
        sum += w[v];
        if (sum > target) return v;
    }
    return best;
}

/* Of the untouched distribution: chance of the symbol, and the TOP likeliest with theirs. */
static void inspect(const float *logits, int vocabulary, int32_t symbol, float *chance, int32_t *top, float *chances,
                    Scratch *s) {
    float greatest = logits[0];
    double total = 0;
    for (int v = 1; v < vocabulary; v++) greatest = logits[v] > greatest ? logits[v] : greatest;
    for (int v = 0; v < vocabulary; v++) total += exponential(logits[v] - greatest);
    *chance = (float)(exponential(logits[symbol] - greatest) / total);
    int size = vocabulary;
    heapify(logits, s->order, size);
    for (int i = 0; i < TOP; i++) {
        top[i] = size ? pop(logits, s->order, &size) : -1;
        chances[i] = top[i] < 0 ? 0.0f : (float)(exponential(logits[top[i]] - greatest) / total);
    }
}

/* ---- doors ------------------------------------------------------------------------------ */

/* Draw `count` symbols for each of n streams: ids (n, count), from logits (n, V) on, which end as
 * those after the last symbol. h, c (L, all, H) point at this call's first stream. chance, top,
 * chances may be NULL: (n, count), (n, count, TOP) twice. Gives 0 where memory is short. */
int rnnlab_generate(const Model *m, float *h, float *c, float *logits, int all, int n, int count,
                    const int64_t *stream, const int64_t *position, const Settings *o, int32_t *ids, float *chance,
                    int32_t *top, float *chances) {
    Scratch s = {0};
    if (!make_scratch(m, n, &s)) return 0;
    for (int t = 0; t < count; t++) {
        for (int i = 0; i < n; i++) {
            const float *mine = logits + (size_t)i * m->vocabulary;
            size_t at = (size_t)i * count + t;
            ids[at] = draw(mine, m->vocabulary, o, stream[i], position[i] + t, &s);
            if (chance) inspect(mine, m->vocabulary, ids[at], chance + at, top + at * TOP, chances + at * TOP, &s);
        }
        step(m, h, c, all, n, ids + t, count, &s);
        read_out(m, h, all, n, logits, &s);
    }
    free_scratch(&s);
    return 1;
}

/* Read ids (n, count); logits (n, V) end as those after the last one. Where nats (n, count) is given,
 * it gets each symbol's surprise, in nats, under the logits before it. */
int rnnlab_feed(const Model *m, float *h, float *c, float *logits, int all, int n, int count, const int32_t *ids,
                float *nats) {
    Scratch s = {0};
    if (!make_scratch(m, n, &s)) return 0;
    for (int t = 0; t < count; t++) {
        for (int i = 0; nats && i < n; i++) {
            const float *mine = logits + (size_t)i * m->vocabulary;
            float greatest = mine[0];
            double total = 0;
            for (int v = 1; v < m->vocabulary; v++) greatest = mine[v] > greatest ? mine[v] : greatest;
            for (int v = 0; v < m->vocabulary; v++) total += exponential(mine[v] - greatest);
            nats[(size_t)i * count + t] = (float)(log(total) - (mine[ids[(size_t)i * count + t]] - greatest));
        }
        step(m, h, c, all, n, ids + t, count, &s);
        if (nats || t == count - 1) read_out(m, h, all, n, logits, &s);
    }
    free_scratch(&s);
    return 1;
}
