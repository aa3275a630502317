// Makes threads slow to end, and a process that leaves one behind fail.
//
//     cc -O2 -shared -fPIC -o libthread_end.so thread_end.c
//     LD_PRELOAD=./libthread_end.so nn-dist predict RUN --input FILE
//
// A thread that ends beside `exit` meets libraries that have freed what its destructors need: seldom, for
// its end takes microseconds. Here it takes NN_DIST_THREAD_END_MS milliseconds (100), and a process whose
// `exit` finds a thread leaves with 99.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int alive;

struct start {
  void *(*body)(void *);
  void *argument;
};

static void *run(void *context) {
  struct start start = *(struct start *)context;
  free(context);
  void *result = start.body(start.argument);
  const char *delay = getenv("NN_DIST_THREAD_END_MS");
  usleep(1000 * (delay ? atoi(delay) : 100));
  atomic_fetch_sub(&alive, 1);
  return result;
}

int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
  int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
      dlsym(RTLD_NEXT, "pthread_create");
  struct start *start = malloc(sizeof *start);
  *start = (struct start){body, argument};
  atomic_fetch_add(&alive, 1);
  int status = create(thread, attributes, run, start);
  if (status != 0) {
    atomic_fetch_sub(&alive, 1);
    free(start);
  }
  return status;
}

__attribute__((destructor)) static void check(void) {
  if (atomic_load(&alive) > 0) _exit(99);
}
