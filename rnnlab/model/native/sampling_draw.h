/* Drawing one symbol from logits (V,): the rule and the random numbers are draw.py's. */
#pragma once
#include <stdint.h>

#include "sampling_cells.h"

enum { TOP = 5 }; /* likeliest symbols that an inspection names */

typedef struct {
    uint64_t seed;
    float temperature;
    int32_t top_k; /* 0: all */
    double top_p;  /* 1: all */
    float min_p;   /* 0: all */
} Settings;

typedef struct {
    float *weights; /* (V,) */
    int32_t *order; /* (V,) */
} Room;

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
static void cut(const float *logits, int vocabulary, const Settings *o, Room *s) {
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
                    Room *s) {
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
                    Room *s) {
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
