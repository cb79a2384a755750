/*
 * memory.c: checked size arithmetic and zeroed allocation.
 */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *default_allocate(void *context, size_t size)
{
  (void)context;
  return malloc(size);
}

static void default_release(void *context, void *memory)
{
  (void)context;
  free(memory);
}

bool kj__size_multiply(size_t a, size_t b, size_t *product)
{
  if (b != 0 && a > SIZE_MAX / b)
    return false;
  *product = a * b;
  return true;
}

kj_allocator kj__allocator(const kj_allocator *allocator)
{
  if (allocator)
    return *allocator;
  return (kj_allocator){default_allocate, default_release, NULL};
}

void *kj__allocate(const kj_allocator *allocator, size_t count, size_t size)
{
  const kj_allocator source = kj__allocator(allocator);
  size_t total;
  if (!kj__size_multiply(count, size, &total))
    return NULL;
  if (total == 0)
    total = 1;
  void *memory = source.allocate(source.context, total);
  if (memory)
    memset(memory, 0, total);
  return memory;
}

void kj__release(const kj_allocator *allocator, void *memory)
{
  if (!memory)
    return;
  const kj_allocator source = kj__allocator(allocator);
  source.release(source.context, memory);
}

bool kj__grow(void **items, size_t *capacity, size_t needed, size_t item_size)
{
  if (needed <= *capacity)
    return true;
  size_t larger = *capacity < 8 ? 16 : *capacity * 2;
  if (larger < needed)
    larger = needed;
  size_t total;
  if (!kj__size_multiply(larger, item_size, &total))
    return false;
  void *moved = realloc(*items, total);
  if (!moved)
    return false;
  *items = moved;
  *capacity = larger;
  return true;
}

char *kj__copy_text(const char *text)
{
  const size_t size = strlen(text) + 1;
  char *copy = malloc(size);
  if (copy)
    memcpy(copy, text, size);
  return copy;
}
