/*
 * fft.c: Fourier and cosine transforms in double precision.
 *
 * The complex transform is Stockham's (it sorts itself, so that every pass
 * reads and writes runs of neighbours), radix 4 with one radix-2 pass where
 * the size asks for it. A real sequence is transformed as half as many complex
 * numbers; a real even one (the cosine transform) is first folded to half its
 * length.
 *
 * Sources: Van Loan, Computational Frameworks for the Fast Fourier Transform,
 * section 1.7 (Stockham); Cooley, Lewis, Welch, The fast Fourier transform
 * algorithm: programming considerations in the calculation of sine, cosine
 * and Laplace transforms, J. Sound Vib. 12 (1970), procedures 1 and 3.
 */
#include "features/fft.h"

#include "features/rate.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* cosine[k] = cos(k angle), sine[k] = sin(k angle), k < n. */
static void fill_circle(double *cosine, double *sine, size_t n, double angle)
{
  for (size_t k = 0; k < n; k++) {
    cosine[k] = cos((double)k * angle);
    sine[k] = sin((double)k * angle);
  }
}

void kj__fft_layout(kj__fft *fft, size_t n, kj__arena *arena)
{
  assert(n >= 1 && (n & (n - 1)) == 0);
  fft->n = n;
  fft->cosine = kj__arena_take(arena, n, sizeof(double));
  fft->sine = kj__arena_take(arena, n, sizeof(double));
  fft->work_re = kj__arena_take(arena, n, sizeof(double));
  fft->work_im = kj__arena_take(arena, n, sizeof(double));
}

void kj__fft_init(kj__fft *fft)
{
  fill_circle(fft->cosine, fft->sine, fft->n, 2.0 * KJ__PI / (double)fft->n);
}

/* Neighbouring radix-4 butterflies of a pass. The four inputs of one are `in`
 * apart, its outputs `count`; outputs 1, 2, 3 are turned by the factors
 * exp(-i phi), exp(-2 i phi), exp(-3 i phi), c - i s each. */
typedef struct run {
  size_t count, in;
  double c1, s1, c2, s2, c3, s3;
} run;

static void butterflies4(const run w, const double *restrict xr,
                         const double *restrict xi, double *restrict yr,
                         double *restrict yi)
{
  const size_t count = w.count, in = w.in;
  for (size_t q = 0; q < count; q++) {
    const double ar = xr[q] + xr[q + 2 * in], ai = xi[q] + xi[q + 2 * in];
    const double br = xr[q] - xr[q + 2 * in], bi = xi[q] - xi[q + 2 * in];
    const double cr = xr[q + in] + xr[q + 3 * in];
    const double ci = xi[q + in] + xi[q + 3 * in];
    const double dr = xr[q + in] - xr[q + 3 * in];
    const double di = xi[q + in] - xi[q + 3 * in];
    const double er = br + di, ei = bi - dr; /* b - i d */
    const double fr = ar - cr, fi = ai - ci;
    const double gr = br - di, gi = bi + dr; /* b + i d */
    yr[q] = ar + cr;
    yi[q] = ai + ci;
    yr[q + count] = w.c1 * er + w.s1 * ei;
    yi[q + count] = w.c1 * ei - w.s1 * er;
    yr[q + 2 * count] = w.c2 * fr + w.s2 * fi;
    yi[q + 2 * count] = w.c2 * fi - w.s2 * fr;
    yr[q + 3 * count] = w.c3 * gr + w.s3 * gi;
    yi[q + 3 * count] = w.c3 * gi - w.s3 * gr;
  }
}

/* A radix-4 pass over n/(4 stride) runs of `stride` butterflies each. */
static void pass4(const kj__fft *fft, size_t stride, const double *xr,
                  const double *xi, double *yr, double *yi)
{
  const size_t in = fft->n / 4;
  const double *c = fft->cosine, *s = fft->sine;
  for (size_t k = 0; k < in; k += stride) {
    const run w = {stride,   in,       c[k],     s[k],
                   c[2 * k], s[2 * k], c[3 * k], s[3 * k]};
    butterflies4(w, xr + k, xi + k, yr + 4 * k, yi + 4 * k);
  }
}

/* The last pass of a size that is no power of 4: nothing is turned. */
static void pass2(const kj__fft *fft, const double *restrict xr,
                  const double *restrict xi, double *restrict yr,
                  double *restrict yi)
{
  const size_t half = fft->n / 2;
  for (size_t q = 0; q < half; q++) {
    yr[q] = xr[q] + xr[q + half];
    yi[q] = xi[q] + xi[q + half];
    yr[q + half] = xr[q] - xr[q + half];
    yi[q + half] = xi[q] - xi[q + half];
  }
}

void kj__fft_transform(const kj__fft *fft, double *re, double *im)
{
  double *xr = re, *xi = im, *yr = fft->work_re, *yi = fft->work_im;
  for (size_t stride = 1; stride < fft->n;) {
    if (stride * 4 <= fft->n)
      pass4(fft, stride, xr, xi, yr, yi);
    else
      pass2(fft, xr, xi, yr, yi);
    stride *= 4;
    double *const tr = xr, *const ti = xi;
    xr = yr, xi = yi, yr = tr, yi = ti;
  }
  if (xr != re) {
    memcpy(re, xr, fft->n * sizeof *re);
    memcpy(im, xi, fft->n * sizeof *im);
  }
}

void kj__real_fft_layout(kj__real_fft *fft, size_t n, kj__arena *arena)
{
  assert(n >= 2);
  fft->n = n;
  kj__fft_layout(&fft->half, n / 2, arena);
  fft->cosine = kj__arena_take(arena, n / 4 + 1, sizeof(double));
  fft->sine = kj__arena_take(arena, n / 4 + 1, sizeof(double));
}

void kj__real_fft_init(kj__real_fft *fft)
{
  kj__fft_init(&fft->half);
  fill_circle(fft->cosine, fft->sine, fft->n / 4 + 1,
              2.0 * KJ__PI / (double)fft->n);
}

/* With E, U the transforms of the even and odd samples and Z = E + i U:
 * X[k] = E[k] + w^k U[k],  X[n/2-k] = conj(E[k] - w^k U[k]). */
void kj__real_fft_transform(const kj__real_fft *fft, const double *x,
                            double *re, double *im)
{
  const size_t half = fft->n / 2;
  for (size_t j = 0; j < half; j++) {
    re[j] = x[2 * j];
    im[j] = x[2 * j + 1];
  }
  kj__fft_transform(&fft->half, re, im);

  const double first_re = re[0], first_im = im[0];
  for (size_t k = 1; k <= half / 2; k++) {
    const size_t l = half - k;
    const double er = 0.5 * (re[k] + re[l]), ei = 0.5 * (im[k] - im[l]);
    const double ur = 0.5 * (im[k] + im[l]), ui = 0.5 * (re[l] - re[k]);
    const double wr = fft->cosine[k] * ur + fft->sine[k] * ui;
    const double wi = fft->cosine[k] * ui - fft->sine[k] * ur;
    re[k] = er + wr;
    im[k] = ei + wi;
    re[l] = er - wr;
    im[l] = wi - ei;
  }
  re[0] = first_re + first_im;
  re[half] = first_re - first_im;
  im[0] = im[half] = 0.0;
}

void kj__cosine_layout(kj__cosine *cosine, size_t n, kj__arena *arena)
{
  cosine->n = n;
  kj__real_fft_layout(&cosine->real, n, arena);
  cosine->cosine = kj__arena_take(arena, n, sizeof(double));
  cosine->sine = kj__arena_take(arena, n, sizeof(double));
  cosine->folded = kj__arena_take(arena, n, sizeof(double));
  cosine->re = kj__arena_take(arena, n / 2 + 1, sizeof(double));
  cosine->im = kj__arena_take(arena, n / 2 + 1, sizeof(double));
}

void kj__cosine_init(kj__cosine *cosine)
{
  kj__real_fft_init(&cosine->real);
  fill_circle(cosine->cosine, cosine->sine, cosine->n,
              KJ__PI / (double)cosine->n);
}

/* Fold x so that the transform of y holds the even S in its real part and the
 * steps from one odd S to the next in its imaginary part:
 * y[j] = (x[j] + x[n-j])/2 - sin(pi j/n) (x[j] - x[n-j]). Returns S[1]. */
static double fold(const kj__cosine *cosine, const double *x, double *y)
{
  const size_t n = cosine->n;
  double s1 = 0.5 * (x[0] - x[n]);
  y[0] = 0.5 * (x[0] + x[n]);
  for (size_t j = 1; j < n; j++) {
    y[j] = 0.5 * (x[j] + x[n - j]) - cosine->sine[j] * (x[j] - x[n - j]);
    s1 += x[j] * cosine->cosine[j];
  }
  return s1;
}

void kj__cosine_transform(const kj__cosine *cosine, const double *x, double *s)
{
  double odd = fold(cosine, x, cosine->folded);
  kj__real_fft_transform(&cosine->real, cosine->folded, cosine->re, cosine->im);
  s[0] = cosine->re[0];
  s[1] = odd;
  for (size_t k = 1; k < cosine->n / 2; k++) {
    odd -= cosine->im[k]; /* the imaginary part of exp(-i) is minus the sine */
    s[2 * k] = cosine->re[k];
    s[2 * k + 1] = odd;
  }
}
