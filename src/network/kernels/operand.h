/*
 * operand.h: what the products multiply: floats or, where KJ__NARROW is
 * defined, pairs of bf16.
 *
 * The products are compiled once for each. A word of an operand is one term
 * or two neighbouring ones, the earlier in the lower half; counted in words
 * instead of terms, all layouts are the same for both.
 */
#ifndef KJ_NETWORK_KERNELS_OPERAND_H
#define KJ_NETWORK_KERNELS_OPERAND_H

#include "base/kernels/vector.h"
#include "network/kernels.h"
#include "network/panels.h"

#if defined(KJ__NARROW)
enum { KJ__WORD_TERMS = 2 };
typedef uint32_t kj__word __attribute__((aligned(2), may_alias));
typedef uint32_t kj__words __attribute__((vector_size(4 * KJ__LANES)));
typedef uint32_t kj__words_in_memory
    __attribute__((vector_size(4 * KJ__LANES), aligned(2), may_alias));
#else
enum { KJ__WORD_TERMS = 1 };
typedef float kj__word;
typedef kj__vec kj__words;
typedef kj__vec_in_memory kj__words_in_memory;
#endif

/* The operand that this precision reads. */
KJ__INLINE const kj__word *kj__operand(const float *wide,
                                       const kj__bf16 *narrow)
{
#if defined(KJ__NARROW)
  (void)wide;
  return (const kj__word *)narrow;
#else
  (void)narrow;
  return wide;
#endif
}

/* Words that hold n terms. */
KJ__INLINE size_t kj__words_for(size_t n)
{
  return (n + KJ__WORD_TERMS - 1) / KJ__WORD_TERMS;
}

/* Where in the panels of a matrix with n_words rows a word lies. */
KJ__INLINE size_t kj__words_at(size_t n_words, size_t word, size_t column)
{
  const size_t padded = kj__pad(n_words * KJ__WORD_TERMS) / KJ__WORD_TERMS;
  return column / KJ__PANEL * KJ__PANEL * padded + word * KJ__PANEL +
         column % KJ__PANEL;
}

KJ__INLINE kj__words kj__words_load(const kj__word *p)
{
  return *(const kj__words_in_memory *)p;
}

KJ__INLINE kj__words kj__words_of(kj__word x)
{
#if !defined(KJ__NARROW)
  return kj__vec_of(x);
#elif defined(__AVX512F__)
  return (kj__words)_mm512_set1_epi32((int)x);
#elif defined(__AVX2__) && defined(__FMA__)
  return (kj__words)_mm256_set1_epi32((int)x);
#else
  return (kj__words){x, x, x, x};
#endif
}

/* Words are multiplied as a whole, or in KJ__TURNS turns: of a pair the later
 * term first, as VDPBF16PS does it. The product of two bf16 numbers is exact
 * in float, so that where nothing is fused the bits are the same. */
#if defined(KJ__NARROW) && !defined(__AVX512BF16__)
enum { KJ__TURNS = 2 };
typedef kj__vec kj__factor;
#else
enum { KJ__TURNS = 1 };
typedef kj__words kj__factor;
#endif

/* What a turn multiplies of the words. Left to see through the asm, clang
 * would shift before it spreads a word, and shift each with two instructions
 * more. */
KJ__INLINE kj__factor kj__factor_of(kj__words words, size_t turn)
{
#if defined(KJ__NARROW) && !defined(__AVX512BF16__)
#if defined(__x86_64__)
  __asm__("" : "+v"(words));
#endif
  return (kj__factor)(turn == 0 ? words & 0xffff0000U : words << 16);
#else
  (void)turn;
  return words;
#endif
}

/* sum + a b. Free to choose the instruction's form, gcc would put sums where
 * factors were, and for want of a register some in memory; free to choose the
 * order, clang would spread all units' factors first, and do the same. */
KJ__INLINE kj__vec kj__factor_multiply_add(kj__factor a, kj__factor b,
                                           kj__vec sum)
{
#if defined(KJ__NARROW) && defined(__AVX512BF16__) && defined(__clang__)
  __asm__ volatile("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
  return sum;
#elif defined(KJ__NARROW) && defined(__AVX512BF16__)
  return (kj__vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#elif defined(KJ__NARROW) && defined(__AVX2__) && defined(__FMA__)
  __asm__("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
  return sum;
#else
  return kj__vec_multiply_add(a, b, sum);
#endif
}

/* The next turn is to load its words again: kept meanwhile, they would need
 * registers that the sums have. */
KJ__INLINE void kj__turn_end(void)
{
#if defined(KJ__NARROW) && !defined(__AVX512BF16__)
  __asm__ volatile("" ::: "memory");
#endif
}

#endif
