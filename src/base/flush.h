/*
 * flush.h: arithmetic without denormal numbers, for one thread.
 *
 * Dead units let Adam's moments decay towards 0 until they are denormal, and
 * most processors take a hundred cycles where they meet one. Native products
 * in bf16 take them for 0 in any case.
 */
#ifndef KJ_BASE_FLUSH_H
#define KJ_BASE_FLUSH_H

/* From here on the calling thread takes denormal operands for 0 and gives 0
 * for a denormal result (x86, aarch64; elsewhere nothing changes). Returns
 * what kj__flush_end needs to go back; pairs may be nested. A compiler may
 * move arithmetic across these calls: keep it in another function. */
unsigned long kj__flush_begin(void);

/* Do with denormal numbers what was done before kj__flush_begin gave `before`.
 * Rounding and the exceptions raised in between stay as they are. */
void kj__flush_end(unsigned long before);

#endif
