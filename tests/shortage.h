/*
 * shortage.h: let the n-th allocation fail.
 *
 * A program that includes this is linked with --wrap for malloc and realloc,
 * so that the functions here stand in the place of the originals for all of
 * libkanjo.
 */
#ifndef KJ_TESTS_SHORTAGE_H
#define KJ_TESTS_SHORTAGE_H

#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

/* Calls until one fails; 0: none does. The wrapped functions take no context,
 * so this one has to be the program's. */
static size_t *countdown(void)
{
  static size_t calls;
  return &calls;
}

static bool is_due(void)
{
  return *countdown() > 0 && --*countdown() == 0;
}

void *__wrap_malloc(size_t size)
{
  return is_due() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *memory, size_t size)
{
  return is_due() ? NULL : __real_realloc(memory, size);
}

#endif
