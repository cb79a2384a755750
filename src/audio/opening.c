/*
 * opening.c: the lock around libsndfile's errors of the whole process.
 */
#define _POSIX_C_SOURCE 200809L
#include "audio/opening.h"

#include <pthread.h>

static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

void kj__opening_lock(void)
{
  pthread_mutex_lock(&opening);
}

void kj__opening_unlock(void)
{
  pthread_mutex_unlock(&opening);
}
