#pragma once

#include <errno.h>
#include <napi.h>

namespace ipclab {

// Argument `index`; JavaScript has checked that it is a number that fits.
inline int int_argument(const Napi::CallbackInfo &info, size_t index) {
  return info[index].As<Napi::Number>().Int32Value();
}

// What a C library call returned, as JavaScript gets it: the result, or -errno.
inline Napi::Value answer(const Napi::CallbackInfo &info, long result) {
  return Napi::Number::New(info.Env(), result < 0 ? -errno : result);
}

// Fills a Float64Array, which JavaScript reads as a struct.
template <size_t count>
void answer_fields(Napi::Float64Array fields, const double (&values)[count]) {
  for (size_t i = 0; i < count && i < fields.ElementLength(); i++) fields[i] = values[i];
}

// The three fields of `struct ipc_perm` that IPC_SET changes, from arguments 1 to 3; undefined: as it is.
inline bool has_all_permissions(const Napi::CallbackInfo &info) {
  return info[1].IsNumber() && info[2].IsNumber() && info[3].IsNumber();
}
template <typename Permissions>
void set_permissions(const Napi::CallbackInfo &info, Permissions &permissions) {
  if (info[1].IsNumber()) permissions.mode = info[1].As<Napi::Number>().Uint32Value();
  if (info[2].IsNumber()) permissions.uid = info[2].As<Napi::Number>().Uint32Value();
  if (info[3].IsNumber()) permissions.gid = info[3].As<Napi::Number>().Uint32Value();
}

}  // namespace ipclab
