/*
 * fft.h: Fourier and cosine transforms in double precision, sizes powers of 2.
 *
 * Each plan is laid out over an arena (arena.h), then filled by its init. A
 * plan holds scratch: one thread at a time.
 */
#ifndef KJ_FEATURES_FFT_H
#define KJ_FEATURES_FFT_H

#include "features/arena.h"

/* Z[k] = sum_j z[j] exp(-2 pi i j k / n) */
typedef struct kj__fft {
  size_t n;                  /* complex points; power of two >= 1 */
  double *cosine, *sine;     /* of 2 pi k / n, k < n */
  double *work_re, *work_im; /* shape (n) */
} kj__fft;

void kj__fft_layout(kj__fft *fft, size_t n, kj__arena *arena);
void kj__fft_init(kj__fft *fft);
void kj__fft_transform(const kj__fft *fft, double *re, double *im);

/* X[k] = sum_j x[j] exp(-2 pi i j k / n), k = 0..n/2, of real x */
typedef struct kj__real_fft {
  size_t n;              /* real points; power of two >= 2 */
  kj__fft half;          /* of n/2 complex points */
  double *cosine, *sine; /* of 2 pi k / n, k <= n/4 */
} kj__real_fft;

void kj__real_fft_layout(kj__real_fft *fft, size_t n, kj__arena *arena);
void kj__real_fft_init(kj__real_fft *fft);
/* x: shape (n); re, im: shape (n/2 + 1). No overlap. */
void kj__real_fft_transform(const kj__real_fft *fft, const double *x,
                            double *re, double *im);

/* S[t] = x[0]/2 + (-1)^t x[n]/2 + sum_{k=1}^{n-1} x[k] cos(pi k t / n) */
typedef struct kj__cosine {
  size_t n; /* power of two >= 2 */
  kj__real_fft real;
  double *cosine, *sine; /* of pi k / n, k < n */
  double *folded;        /* shape (n) */
  double *re, *im;       /* shape (n/2 + 1) */
} kj__cosine;

void kj__cosine_layout(kj__cosine *cosine, size_t n, kj__arena *arena);
void kj__cosine_init(kj__cosine *cosine);
/* x: shape (n + 1); s: shape (n), t = 0..n-1. May be the same array. */
void kj__cosine_transform(const kj__cosine *cosine, const double *x, double *s);

#endif
