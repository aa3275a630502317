// Counts allocations by who makes them: the program itself with the Swift runtime, or libraries.
//
//     cc -O2 -shared -fPIC -o liballocation_counter.so allocation_counter.c
//     LD_PRELOAD=./liballocation_counter.so nn-dist bench CONFIG
//
// `bench` finds the counters by name. The functions underneath are glibc's own.
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_ullong own, library;

// The code of the program and of the Swift runtime, when that is a library.
static struct { uintptr_t start, end; } code[64];
static int codes;

uint64_t nn_dist_allocations(void) { return own; }
uint64_t nn_dist_library_allocations(void) { return library; }

// What all threads hold, by glibc's books.
uint64_t nn_dist_bytes_in_use(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

static int note(struct dl_phdr_info *object, size_t size, void *visited) {
  const char *slash = strrchr(object->dlpi_name, '/');
  const char *name = slash ? slash + 1 : object->dlpi_name;
  int is_program = (*(int *)visited)++ == 0;
  (void)size;
  if (!is_program && strncmp(name, "libswift", 8) != 0) return 0;
  for (int i = 0; i < object->dlpi_phnum && codes < 64; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X)) continue;
    code[codes].start = object->dlpi_addr + segment->p_vaddr;
    code[codes].end = code[codes].start + segment->p_memsz;
    codes++;
  }
  return 0;
}

__attribute__((constructor)) static void find_code(void) {
  int visited = 0;
  dl_iterate_phdr(note, &visited);
}

static void count_call(void *caller) {
  uintptr_t address = (uintptr_t)caller;
  for (int i = 0; i < codes; i++) {
    if (address >= code[i].start && address < code[i].end) {
      atomic_fetch_add_explicit(&own, 1, memory_order_relaxed);
      return;
    }
  }
  atomic_fetch_add_explicit(&library, 1, memory_order_relaxed);
}

#define COUNT() count_call(__builtin_return_address(0))

void *malloc(size_t size) {
  COUNT();
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  COUNT();
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  COUNT();
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  COUNT();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  COUNT();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  COUNT();
  void *made = __libc_memalign(alignment, size);
  if (!made) return ENOMEM;
  *memory = made;
  return 0;
}
