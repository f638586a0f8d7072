/* What is computed, with all its arrays, and how sizes are padded.
 *
 * Shapes: see training.c.
 */
#pragma once
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
