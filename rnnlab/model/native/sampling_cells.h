/* The recurrent cells of one stream, in float32; the exponential is the same on every processor.
 *
 * Shapes: H hidden, R rows of gates (see rnnlab/model/sampling/weights.py).
 */
#pragma once
#include <math.h>
#include <stdint.h>

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
