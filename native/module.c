// What JavaScript sees: open, leave, close, and what a thread asks of the scheduler.
#include "udp_batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool get(napi_env env, napi_value object, const char *name, napi_value *value) {
  return napi_get_named_property(env, object, name, value) == napi_ok;
}

static bool read_options(napi_env env, napi_value object, options_t *options) {
  napi_value host, port, reuse_port, ipv6_only, receive_buffer;
  size_t length;
  return get(env, object, "host", &host) && get(env, object, "port", &port) && get(env, object, "reusePort", &reuse_port) &&
         get(env, object, "ipv6Only", &ipv6_only) && get(env, object, "receiveBufferBytes", &receive_buffer) &&
         napi_get_value_string_utf8(env, host, options->host, sizeof options->host, &length) == napi_ok &&
         napi_get_value_int32(env, port, &options->port) == napi_ok && options->port >= 0 && options->port <= UINT16_MAX &&
         napi_get_value_bool(env, reuse_port, &options->reuse_port) == napi_ok &&
         napi_get_value_bool(env, ipv6_only, &options->ipv6_only) == napi_ok &&
         napi_get_value_int32(env, receive_buffer, &options->receive_buffer) == napi_ok;
}

static bool read_array(napi_env env, napi_value memory, const char *name, napi_typedarray_type type, size_t length, void *data) {
  napi_value array;
  napi_typedarray_type found_type;
  size_t found_length;
  return get(env, memory, name, &array) &&
         napi_get_typedarray_info(env, array, &found_type, &found_length, data, NULL, NULL) == napi_ok && found_type == type &&
         found_length == length;
}

static bool read_memory(napi_env env, napi_value memory, udp_socket_t *s) {
  return read_array(env, memory, "rx", napi_uint8_array, CAPACITY * SLOT_STRIDE, &s->rx) &&
         read_array(env, memory, "tx", napi_uint8_array, CAPACITY * SLOT_STRIDE, &s->tx) &&
         read_array(env, memory, "peers", napi_uint8_array, CAPACITY * PEER_STRIDE, &s->peers) &&
         read_array(env, memory, "rxLengths", napi_int32_array, CAPACITY, &s->rx_lengths) &&
         read_array(env, memory, "txLengths", napi_int32_array, CAPACITY, &s->tx_lengths) &&
         read_array(env, memory, "counters", napi_float64_array, COUNTERS, &s->counters);
}

static napi_value string_of(napi_env env, const char *text) {
  napi_value value;
  must(napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value));
  return value;
}

static napi_value number_of(napi_env env, int number) {
  napi_value value;
  must(napi_create_int32(env, number, &value));
  return value;
}

// Throws what node:dgram would emit: an error with code, errno, syscall, address and port.
static napi_value throw_errno(napi_env env, const options_t *options, const char *syscall, int error) {
  char message[160];
  const char *code = uv_err_name(-error);
  napi_value object;
  snprintf(message, sizeof message, "%s %s %s:%d", syscall, code, options->host, options->port);
  must(napi_create_error(env, string_of(env, code), string_of(env, message), &object));
  must(napi_set_named_property(env, object, "errno", number_of(env, -error)));
  must(napi_set_named_property(env, object, "syscall", string_of(env, syscall)));
  must(napi_set_named_property(env, object, "address", string_of(env, options->host)));
  must(napi_set_named_property(env, object, "port", number_of(env, options->port)));
  napi_throw(env, object);
  return NULL;
}

static bool read_arguments(napi_env env, napi_value *arguments, options_t *options, udp_socket_t *s) {
  napi_valuetype type;
  return read_options(env, arguments[0], options) && read_memory(env, arguments[1], s) &&
         napi_typeof(env, arguments[2], &type) == napi_ok && type == napi_function;
}

// open({host, port, reusePort, ipv6Only, receiveBufferBytes}, {rx, tx, peers, rxLengths, txLengths, counters}, onBatch)
// returns an object with the real port, for close(). onBatch(count) is called for each batch until then.
static napi_value js_open(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value arguments[3], result;
  options_t options;
  const char *syscall = "open";
  must(napi_get_cb_info(env, info, &argc, arguments, NULL, NULL));
  udp_socket_t *s = calloc(1, sizeof *s);
  if (s == NULL) return throw_errno(env, &(options_t){.host = "udp"}, syscall, ENOMEM);
  s->env = env;
  if (!read_arguments(env, arguments, &options, s)) {
    free(s);
    napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "udp_batch.open: wrong options, memory or handler");
    return NULL;
  }
  s->fd = bind_socket(&options, &syscall);
  int error = s->fd < 0 ? errno : -start_socket(s, arguments[1], arguments[2]);
  if (error) {
    if (s->fd >= 0) close(s->fd);
    free(s);
    return throw_errno(env, &options, syscall, error);
  }
  must(napi_create_object(env, &result));
  must(napi_set_named_property(env, result, "port", number_of(env, options.port)));
  must(napi_wrap(env, result, s, NULL, NULL, NULL));
  return result;
}

// leave(socket): as leave_address; returns whether the kernel grants it. On a closed socket it does nothing.
static napi_value js_leave(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value socket, result;
  void *s;
  napi_get_cb_info(env, info, &argc, &socket, NULL, NULL);
  bool left = napi_unwrap(env, socket, &s) == napi_ok && leave_address(s) == 0;
  must(napi_get_boolean(env, left, &result));
  return result;
}

// close(socket): the address is free when it returns. Closing twice does nothing.
static napi_value js_close(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value socket;
  void *s;
  napi_get_cb_info(env, info, &argc, &socket, NULL, NULL);
  if (napi_remove_wrap(env, socket, &s) == napi_ok) close_socket(s);
  return NULL;
}

// shortenSlice(microseconds): as shorten_slice; returns whether the kernel grants it.
static napi_value js_shorten_slice(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argument, result;
  uint32_t slice_us = 0;
  must(napi_get_cb_info(env, info, &argc, &argument, NULL, NULL));
  bool shortened = napi_get_value_uint32(env, argument, &slice_us) == napi_ok && shorten_slice(slice_us * 1000ull);
  must(napi_get_boolean(env, shortened, &result));
  return result;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor functions[] = {
      {"open", NULL, js_open, NULL, NULL, NULL, napi_enumerable, NULL},
      {"leave", NULL, js_leave, NULL, NULL, NULL, napi_enumerable, NULL},
      {"close", NULL, js_close, NULL, NULL, NULL, napi_enumerable, NULL},
      {"shortenSlice", NULL, js_shorten_slice, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  must(napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions));
  return exports;
}
