/* pages.h: memory for what is large and touched all the time. */
#ifndef KJ_BASE_PAGES_H
#define KJ_BASE_PAGES_H

#include "kanjo/memory.h"

/*
 * An allocator that lays blocks of 2 MiB and more on such boundaries and asks
 * the system for pages of that size; smaller ones come from malloc.
 *
 * A step of training walks through all parameters and both moments, some
 * 14 MB: more pages of 4 KiB than a processor remembers the places of. Where
 * the system has no large pages to give, small ones serve.
 */
kj_allocator kj__pages(void);

#endif
