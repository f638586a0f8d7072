/* One recurrent layer over a whole window, forward and backward: what training spends its time in.
 *
 * Matrix products take bfloat16 and add up in float32 (vdpbf16ps, AVX-512 BF16); the state, the
 * pointwise part and all that leaves is float32. Weights are packed once per window.
 * Threads share out the streams, so a window needs one fork and join and no barrier in between,
 * and no number depends on how many threads there are. Knows no autograd and allocates only scratch.
 * Here are the doors; the parts are training_forward.h, training_backward.h and training_output.h, on
 * training_products.h, training_numbers.h, training_threads.h, and training_job.h with training_sizes.h.
 *
 * Shapes: T time, N streams, H hidden, D dense input, V vocabulary, G gates of the weights, and
 * Q blocks of gates here: lstm input, forget, cell, output; gru reset, update, and the new gate's input
 * and recurrent halves apart; rnn one. Hp and Dp are H and D rounded up to PANEL. In "packed order"
 * the Q·Hp gates of a step lie [unit group of 32][Q][32]; `source` says which row of the weights each is.
 */
#define _GNU_SOURCE
#include "training_job.h"

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512VL__) || !defined(__AVX512BF16__)

int layer_supported(void) { return 0; }
int layer_forward(const Job *job) { return job == 0; }
int layer_backward(const Job *job) { return job == 0; }
int output_loss(const Job *job) { return job == 0; }

#else

#include "training_backward.h"
#include "training_forward.h"
#include "training_output.h"
#include "training_threads.h"

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
