/* Sixteen float32 at a time: formats and nonlinearities.
 *
 * Shapes: see training.c.
 */
#pragma once
#include <immintrin.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

typedef __m512 vec;

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
