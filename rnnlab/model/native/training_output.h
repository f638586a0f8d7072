/* The output layer and its loss, forward and backward at once.
 *
 * Shapes: see training.c.
 */
#pragma once
#include <math.h>
#include <stdlib.h>

#include "training_backward.h"
#include "training_forward.h"

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
