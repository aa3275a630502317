// Runs a program in which one file operation never returns, as on a file server that is gone.
//
//     cc -O2 -o dead_file dead_file.c
//     ./dead_file fsync step-000000008 nn-dist train CONFIG
//
// Operations: openat, read, pread64, write, fsync, newfstatat; on any path that holds the text. The kernel
// asks a helper process whether a call may go on (seccomp), and the helper does not answer.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
  const char *name;
  int number;
  int has_path;
} calls[] = {
    {"openat", SYS_openat, 1}, {"newfstatat", SYS_newfstatat, 1}, {"read", SYS_read, 0},
    {"pread64", SYS_pread64, 0}, {"write", SYS_write, 0}, {"fsync", SYS_fsync, 0},
};

static int call = -1, ends[2];
static const char *text;

static void find_path(const struct seccomp_notif *request, char *path, size_t size) {
  char name[64];
  ssize_t count;
  if (calls[call].has_path) {
    snprintf(name, sizeof name, "/proc/%d/mem", request->pid);
    int memory = open(name, O_RDONLY);
    count = pread(memory, path, size - 1, (off_t)request->data.args[1]);
    close(memory);
  } else {
    snprintf(name, sizeof name, "/proc/%d/fd/%llu", request->pid, request->data.args[0]);
    count = readlink(name, path, size - 1);
  }
  path[count > 0 ? count : 0] = 0;
}

static int supervise(void *unused) {
  (void)unused;
  int listener;
  if (read(ends[0], &listener, sizeof listener) != sizeof listener) return 1;
  for (;;) {
    struct pollfd wait = {listener, POLLIN, 0};
    poll(&wait, 1, -1);
    if (wait.revents & POLLHUP) return 0;
    struct seccomp_notif request = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) continue;
    char path[4096];
    find_path(&request, path, sizeof path);
    if (strstr(path, text)) continue;
    struct seccomp_notif_resp answer = {
        .id = request.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
}

int main(int count, char **words) {
  for (size_t i = 0; count > 3 && i < sizeof calls / sizeof *calls; i++) {
    if (strcmp(words[1], calls[i].name) == 0) call = (int)i;
  }
  if (call < 0) return 64;
  text = words[2];
  // The helper shares the descriptors until this process becomes the program.
  static char stack[1 << 16] __attribute__((aligned(16)));
  if (pipe2(ends, O_CLOEXEC) != 0) return 71;
  if (clone(supervise, stack + sizeof stack, CLONE_FILES, NULL) < 0) return 71;
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[call].number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  int listener = -1;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
    listener = (int)syscall(
        SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  }
  // Nobody answers yet, so the number goes out by a call that is not asked for.
  struct { void *start; size_t size; } piece = {&listener, sizeof listener};
  syscall(SYS_writev, ends[1], &piece, 1);
  if (listener < 0) return 71;
  execvp(words[3], words + 3);
  return 66;
}
