#pragma once
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>

// <spawn.h> declares it only with _GNU_SOURCE, which Swift's Glibc module does not define.
extern int posix_spawn_file_actions_addclosefrom_np(
    posix_spawn_file_actions_t *_Nonnull actions, int first);

/// The maximum number of file descriptors in a message.
enum { sockets_file_limit = 4 };

/// Sends a message with file descriptors over a socket. Returns 0, or -1 with errno set.
/// The corresponding function is `sendmsg` with `SCM_RIGHTS`.
static inline int sockets_send_files(
    int socket, const void *_Nonnull bytes, size_t count, const int *_Nonnull files,
    int file_count) {
  union { struct cmsghdr head; char bytes[CMSG_SPACE(sockets_file_limit * sizeof(int))]; } control;
  struct iovec data = {(void *)bytes, count};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  if (file_count > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(file_count * sizeof(int));
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(file_count * sizeof(int));
    memcpy(CMSG_DATA(head), files, file_count * sizeof(int));
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL); while (sent < 0 && errno == EINTR);
  return sent == (ssize_t)count ? 0 : -1;
}

/// Receives a message and its file descriptors. `files` has room for `sockets_file_limit`; the rest
/// is filled with -1. Returns the number of bytes, 0 at the end, or -1 with errno set. The
/// corresponding function is `recvmsg`.
static inline ssize_t sockets_receive_files(
    int socket, void *_Nonnull bytes, size_t count, int *_Nonnull files) {
  union { struct cmsghdr head; char bytes[CMSG_SPACE(sockets_file_limit * sizeof(int))]; } control;
  struct iovec data = {bytes, count};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  for (int i = 0; i < sockets_file_limit; i++) files[i] = -1;
  ssize_t received;
  do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC); while (received < 0 && errno == EINTR);
  struct cmsghdr *head = received > 0 ? CMSG_FIRSTHDR(&message) : 0;
  if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) {
    memcpy(files, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
  }
  return received;
}
