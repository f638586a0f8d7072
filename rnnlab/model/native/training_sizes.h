/* How sizes are padded and divided, and which rows of the weights feed which gates.
 *
 * Shapes: see training.c.
 */
#pragma once
#include "training_job.h"

enum { PANEL = 32, ROWS = 12, SUB = 8, DEPTH = 128, SPAN = 4 * DEPTH, MOST_THREADS = 256 };

static int64_t rounded(int64_t size) { return (size + PANEL - 1) / PANEL * PANEL; }
static int64_t blocks(const Job *job) { return job->cell == RNN ? 1 : 4; }
static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* Which block of the weights' rows feeds gate block q from the input (side 0) or the hidden state (side 1); -1: none. */
static int64_t source(const Job *job, int64_t q, int side) {
    if (job->cell != GRU || q < 2) return q;
    return (q == 2) == (side == 0) ? 2 : -1;
}
