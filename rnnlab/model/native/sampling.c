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
 * Built with -ffp-contract=off: what is written is what is rounded, so every processor computes the same bits
 * from int8 weights.
 *
 * Shapes: N streams, T time, V vocabulary, H hidden, L layers, R rows of a matrix, K its inputs.
 */
#include "sampling_cells.h"
#include "sampling_draw.h"
#include "sampling_matrix.h"

enum { LSTM = 0, GRU = 1, RNN = 2 };

enum { MOST = 4 };

/* What is added up for one set of rows. float32: one matrix over all inputs. int8: a layer has matrices over the
 * layer below and over its own state, each with scales of its own; where rounding weighs more there are two over
 * the same input, the second for what the first one's rounding left. */
typedef struct {
    int count;
    int input[MOST]; /* which of the sum's inputs, 0 or 1 */
    Matrix matrix[MOST];
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

/* ---- the model -------------------------------------------------------------------------- */

static void free_sum(Sum *sum) {
    for (int i = 0; i < MOST; i++) {
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

/* The next matrix of a layer, or of the output where index is L. `input`: 0 for the first or only input of the sum,
 * 1 for a layer's own state where it has scales of its own. int8 where scale is given, else float32. */
int rnnlab_matrix(Model *m, int index, int input, int rows, int depth, const void *weights, const float *scale) {
    Sum *sum = index < m->layers ? &m->layer[index].sum : &m->output;
    sum->input[sum->count] = input;
    return pack(&sum->matrix[sum->count++], rows, depth, weights, scale);
}

/* ---- one step --------------------------------------------------------------------------- */

typedef struct {
    void *x[2];   /* (N, deepest) activations of the matrices of one sum */
    float *gates; /* (N, most rows) */
    Room room;
} Scratch;

static void free_scratch(Scratch *s) {
    free(s->x[0]);
    free(s->x[1]);
    free(s->gates);
    free(s->room.weights);
    free(s->room.order);
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
    s->room.weights = zeroed((size_t)m->vocabulary * 4);
    s->room.order = zeroed((size_t)m->vocabulary * 4);
    if (s->x[0] && s->x[1] && s->gates && s->room.weights && s->room.order) return 1;
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

/* gates (N, rows) = the sum of all products. */
static void add_up(const Sum *sum, int n, Scratch *s) {
    for (int i = 0; i < sum->count; i++) product(&sum->matrix[i], s->x[sum->input[i]], n, s->gates, i > 0);
}

/* Hidden states lie as (L, all, H); this call works on n of the `all` streams. ids has a stride. */
static void step(const Model *m, float *h, float *c, int all, int n, const int32_t *ids, int stride, Scratch *s) {
    int hidden = m->hidden;
    for (int l = 0; l < m->layers; l++) {
        const Layer *layer = &m->layer[l];
        float *own = h + (size_t)l * all * hidden;
        const Matrix *first = layer->sum.matrix, *last = first + layer->sum.count - 1;
        int mine = layer->sum.input[layer->sum.count - 1]; /* where the own state goes */
        size_t rows = first->padded_rows;
        for (int i = 0; i < n; i++) {
            if (layer->lower)
                place(m, s->x[0], (size_t)i * first->padded_depth, own - (size_t)all * hidden + (size_t)i * hidden);
            place(m, s->x[mine], (size_t)i * last->padded_depth + (mine ? 0 : layer->lower), own + (size_t)i * hidden);
        }
        add_up(&layer->sum, n, s);
        for (int i = 0; i < n; i++) {
            size_t row = layer->table_rows > 1 ? ids[(size_t)i * stride] : 0;
            const float *table = layer->table + row * layer->rows, *gates = s->gates + i * rows;
            float *state = own + (size_t)i * hidden;
            if (m->cell == LSTM)
                lstm_cell(hidden, gates, table, state, c + ((size_t)l * all + i) * hidden);
            else if (m->cell == GRU)
                gru_cell(hidden, gates, table, state);
            else
                rnn_cell(hidden, gates, table, state);
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
    add_up(&m->output, n, s);
    for (int i = 0; i < n; i++)
        for (int v = 0; v < m->vocabulary; v++)
            logits[(size_t)i * m->vocabulary + v] = s->gates[i * rows + v] + m->output_bias[v];
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
            ids[at] = draw(mine, m->vocabulary, o, stream[i], position[i] + t, &s.room);
            if (chance) inspect(mine, m->vocabulary, ids[at], chance + at, top + at * TOP, chances + at * TOP, &s.room);
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
