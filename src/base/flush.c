/*
 * flush.c: the bits of the processor's control register that turn denormal
 * numbers into 0.
 */
#include "base/flush.h"

/* MXCSR: flush to zero is bit 15, denormals are zeros bit 6 (Intel 64 and
 * IA-32 Architectures Software Developer's Manual, volume 1, 10.2.3). FPCR: FZ
 * is bit 24, for operands and results (Arm Architecture Reference Manual for
 * A-profile, FPCR). */
#if defined(__SSE__)
#include <xmmintrin.h>
#define FLUSH_BITS (1UL << 15 | 1UL << 6)
#elif defined(__aarch64__)
#define FLUSH_BITS (1UL << 24)
#else
#define FLUSH_BITS 0UL
#endif

static unsigned long read_control(void)
{
  unsigned long control = 0;
#if defined(__SSE__)
  control = _mm_getcsr();
#elif defined(__aarch64__)
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
#endif
  return control;
}

static void write_control(unsigned long control)
{
#if defined(__SSE__)
  _mm_setcsr((unsigned)control);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(control));
#else
  (void)control;
#endif
}

unsigned long kj__flush_begin(void)
{
  const unsigned long control = read_control();
  write_control(control | FLUSH_BITS);
  return control & FLUSH_BITS;
}

void kj__flush_end(unsigned long before)
{
  write_control((read_control() & ~FLUSH_BITS) | before);
}
