/*
 * One UDP socket that takes and gives datagrams by the batch: recvmmsg(2), one call into JavaScript, sendmmsg(2).
 * Node's own dgram makes two system calls for each query, and they are nine tenths of what a small answer costs.
 * Nothing is decided here: what comes in lies in the caller's buffers, what goes out is taken from there.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAPI_VERSION 8
#include <node_api.h>
#include <uv.h>

/* As in src/dns/udp-batch.ts, whose buffers are measured against these when they are handed over. */
enum { SLOTS = 64, SLOT_SIZE = 2048, ADDRESS_SIZE = 28 };
/* After so many batches the loop has its turn again, so that TCP is served under any load of UDP. */
enum { ROUNDS = 8 };
/* A full send buffer is waited for so long, then what is left of the batch is dropped, as UDP may. */
enum { SEND_WAIT_MS = 5, SEND_WAITS = 2 };

typedef struct {
  napi_env env;
  napi_ref on_batch;
  napi_ref buffers; /* so that they outlive every round */
  napi_async_context context;
  napi_async_cleanup_hook_handle at_env_end;
  uv_poll_t poll;
  int fd; /* -1 once closed */
  int holders; /* the poll handle and the function `close`: the last to go frees */
  unsigned char *in, *out, *addresses;
  int32_t *in_lengths, *out_lengths;
  struct mmsghdr messages[SLOTS];
  struct iovec vectors[SLOTS];
} batch_socket;

static void release(batch_socket *batch) {
  if (--batch->holders == 0) free(batch);
}

/* ---- a round ---- */

/* A datagram longer than a slot is cut, and malformed by that; no query that means anything is so long. */
static int receive(batch_socket *batch) {
  for (int slot = 0; slot < SLOTS; slot++) {
    batch->vectors[slot].iov_base = batch->in + slot * SLOT_SIZE;
    batch->vectors[slot].iov_len = SLOT_SIZE;
    struct msghdr *header = &batch->messages[slot].msg_hdr;
    memset(header, 0, sizeof *header);
    header->msg_name = batch->addresses + slot * ADDRESS_SIZE;
    header->msg_namelen = ADDRESS_SIZE;
    header->msg_iov = &batch->vectors[slot];
    header->msg_iovlen = 1;
  }
  int count = recvmmsg(batch->fd, batch->messages, SLOTS, MSG_DONTWAIT, NULL);
  for (int slot = 0; slot < count; slot++) {
    batch->in_lengths[slot] = (int32_t)batch->messages[slot].msg_len;
    batch->out_lengths[slot] = 0;
  }
  return count;
}

/* Replies keep the message header of their query, and with it the address that they go back to. */
static unsigned gather_replies(batch_socket *batch, int count) {
  unsigned ready = 0;
  for (int slot = 0; slot < count; slot++) {
    int32_t length = batch->out_lengths[slot];
    if (length <= 0 || length > SLOT_SIZE) continue;
    batch->vectors[slot].iov_base = batch->out + slot * SLOT_SIZE;
    batch->vectors[slot].iov_len = (size_t)length;
    batch->messages[ready++] = batch->messages[slot];
  }
  return ready;
}

static void send_replies(batch_socket *batch, unsigned ready) {
  int waits = 0;
  for (unsigned sent = 0; sent < ready;) {
    int done = sendmmsg(batch->fd, batch->messages + sent, ready - sent, MSG_DONTWAIT);
    if (done > 0) {
      sent += (unsigned)done;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (waits++ == SEND_WAITS) return;
      struct pollfd room = {.fd = batch->fd, .events = POLLOUT};
      poll(&room, 1, SEND_WAIT_MS);
    } else if (errno != EINTR) {
      sent++; /* this one can't be reached; the others can */
    }
  }
}

/* False when JavaScript threw: its thread reports that, and ends. */
static bool call_back(batch_socket *batch, int count) {
  napi_env env = batch->env;
  napi_handle_scope scope;
  napi_value function, receiver, argument;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return false;
  bool done = napi_get_reference_value(env, batch->on_batch, &function) == napi_ok &&
              napi_get_global(env, &receiver) == napi_ok &&
              napi_create_int32(env, count, &argument) == napi_ok &&
              napi_make_callback(env, batch->context, receiver, function, 1, &argument, NULL) == napi_ok;
  napi_close_handle_scope(env, scope);
  return done;
}

static void on_readable(uv_poll_t *handle, int status, int events) {
  batch_socket *batch = handle->data;
  (void)status; /* an error of the socket is seen, and cleared, by the next recvmmsg */
  (void)events;
  for (int round = 0; round < ROUNDS; round++) {
    int count = receive(batch);
    if (count <= 0 || !call_back(batch, count)) return;
    if (batch->fd == -1) return; /* closed by what was called */
    send_replies(batch, gather_replies(batch, count));
    if (count < SLOTS) return;
  }
}

/* ---- opening and closing ---- */

static void after_close(uv_handle_t *handle) {
  batch_socket *batch = handle->data;
  napi_remove_async_cleanup_hook(batch->at_env_end);
  release(batch);
}

static void close_socket(batch_socket *batch) {
  if (batch->fd == -1) return;
  uv_poll_stop(&batch->poll);
  close(batch->fd);
  batch->fd = -1;
  napi_delete_reference(batch->env, batch->on_batch);
  napi_delete_reference(batch->env, batch->buffers);
  napi_async_destroy(batch->env, batch->context);
  uv_close((uv_handle_t *)&batch->poll, after_close);
}

/* A thread that ends with its socket open waits here until libuv has let go of it. */
static void on_env_end(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  close_socket(data);
}

static napi_value close_batch(napi_env env, napi_callback_info info) {
  void *batch;
  if (napi_get_cb_info(env, info, NULL, NULL, NULL, &batch) == napi_ok) close_socket(batch);
  return NULL;
}

static void after_close_function(napi_env env, void *batch, void *hint) {
  (void)env;
  (void)hint;
  release(batch);
}

/* Returns the length of the address, or a negative error. */
static int parse_address(const char *text, int port, struct sockaddr_storage *out) {
  memset(out, 0, sizeof *out);
  if (uv_ip4_addr(text, port, (struct sockaddr_in *)out) == 0) return sizeof(struct sockaddr_in);
  if (uv_ip6_addr(text, port, (struct sockaddr_in6 *)out) == 0) return sizeof(struct sockaddr_in6);
  return -EINVAL;
}

/* Returns a descriptor, or a negative error. */
static int open_socket(const char *address, int port, int receive_buffer) {
  struct sockaddr_storage where;
  int length = parse_address(address, port, &where);
  if (length < 0) return length;
  int fd = socket(where.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd == -1) return -errno;
  int on = 1;
  /* Of these two the first can't fail on an IPv6 socket, and of the second the system grants what it likes. */
  if (where.ss_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (bind(fd, (struct sockaddr *)&where, (socklen_t)length) == 0) return fd;
  int code = -errno;
  close(fd);
  return code;
}

static int bound_port(int fd) {
  struct sockaddr_storage where;
  socklen_t length = sizeof where;
  if (getsockname(fd, (struct sockaddr *)&where, &length) != 0) return 0;
  return ntohs(where.ss_family == AF_INET ? ((struct sockaddr_in *)&where)->sin_port
                                          : ((struct sockaddr_in6 *)&where)->sin6_port);
}

/* NULL unless the property is an array of this type with exactly so many elements. */
static void *array_data(napi_env env, napi_value holder, const char *name, napi_typedarray_type wanted, size_t size) {
  napi_value array;
  napi_typedarray_type type;
  size_t length;
  void *data;
  bool found = napi_get_named_property(env, holder, name, &array) == napi_ok &&
               napi_get_typedarray_info(env, array, &type, &length, &data, NULL, NULL) == napi_ok;
  return found && type == wanted && length == size ? data : NULL;
}

static bool take_buffers(napi_env env, napi_value holder, batch_socket *batch) {
  batch->in = array_data(env, holder, "input", napi_uint8_array, SLOTS * SLOT_SIZE);
  batch->out = array_data(env, holder, "output", napi_uint8_array, SLOTS * SLOT_SIZE);
  batch->addresses = array_data(env, holder, "addresses", napi_uint8_array, SLOTS * ADDRESS_SIZE);
  batch->in_lengths = array_data(env, holder, "inputLengths", napi_int32_array, SLOTS);
  batch->out_lengths = array_data(env, holder, "outputLengths", napi_int32_array, SLOTS);
  return batch->in && batch->out && batch->addresses && batch->in_lengths && batch->out_lengths &&
         napi_create_reference(env, holder, 1, &batch->buffers) == napi_ok;
}

static bool take_callback(napi_env env, napi_value function, batch_socket *batch) {
  napi_valuetype type;
  napi_value name;
  return napi_typeof(env, function, &type) == napi_ok && type == napi_function &&
         napi_create_string_utf8(env, "udp-batch", NAPI_AUTO_LENGTH, &name) == napi_ok &&
         napi_async_init(env, NULL, name, &batch->context) == napi_ok &&
         napi_create_reference(env, function, 1, &batch->on_batch) == napi_ok;
}

/* Returns 0, or a negative error with nothing started. */
static int start_polling(napi_env env, batch_socket *batch) {
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return UV_EINVAL;
  int code = uv_poll_init(loop, &batch->poll, batch->fd);
  if (code != 0) return code;
  batch->poll.data = batch;
  batch->holders++;
  if (napi_add_async_cleanup_hook(env, on_env_end, batch, &batch->at_env_end) != napi_ok) abort();
  return uv_poll_start(&batch->poll, UV_READABLE, on_readable);
}

/* { port, close() } */
static napi_value describe(napi_env env, batch_socket *batch) {
  napi_value result, port, close_function;
  bool done = napi_create_object(env, &result) == napi_ok &&
              napi_create_int32(env, bound_port(batch->fd), &port) == napi_ok &&
              napi_set_named_property(env, result, "port", port) == napi_ok &&
              napi_create_function(env, "close", NAPI_AUTO_LENGTH, close_batch, batch, &close_function) == napi_ok &&
              napi_set_named_property(env, result, "close", close_function) == napi_ok &&
              napi_add_finalizer(env, close_function, batch, after_close_function, NULL, NULL) == napi_ok;
  if (!done) return NULL;
  batch->holders++;
  return result;
}

static napi_value fail(napi_env env, int code) {
  napi_throw_error(env, uv_err_name(code), uv_strerror(code));
  return NULL;
}

/*
 * open(address, port, receiveBuffer, { input, output, addresses, inputLengths, outputLengths }, onBatch)
 * Throws with the system's code; EINVAL for arguments that are none of these.
 */
static napi_value open_batch(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t count = 5;
  char address[64];
  int32_t port, receive_buffer;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count != 5 ||
      napi_get_value_string_utf8(env, arguments[0], address, sizeof address, NULL) != napi_ok ||
      napi_get_value_int32(env, arguments[1], &port) != napi_ok || port < 0 || port > 65535 ||
      napi_get_value_int32(env, arguments[2], &receive_buffer) != napi_ok)
    return fail(env, UV_EINVAL);
  int fd = open_socket(address, port, receive_buffer);
  if (fd < 0) return fail(env, fd);

  batch_socket *batch = calloc(1, sizeof *batch);
  int code = UV_ENOMEM;
  if (batch != NULL) {
    batch->env = env;
    batch->fd = fd;
    bool taken = take_buffers(env, arguments[3], batch) && take_callback(env, arguments[4], batch);
    code = taken ? start_polling(env, batch) : UV_EINVAL;
  }
  if (code == 0) {
    napi_value result = describe(env, batch);
    if (result == NULL) close_socket(batch);
    return result;
  }
  if (batch != NULL && batch->holders > 0) {
    close_socket(batch);
  } else {
    free(batch); /* the references of a call with wrong arguments go with its thread */
    close(fd);
  }
  return fail(env, code);
}

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "open", NAPI_AUTO_LENGTH, open_batch, NULL, &function) != napi_ok ||
      napi_set_named_property(env, exports, "open", function) != napi_ok)
    return NULL;
  return exports;
}
